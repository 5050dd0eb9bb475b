using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.EventHubs;

/// <summary>POST of a batch to <c>{namespace}/{hub}/messages</c>; each request carries a shared access signature of its own that lives an hour.</summary>
internal sealed class EventHubsSender : HttpSender
{
    private const string MediaType = "application/vnd.microsoft.servicebus.json";
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);
    private static readonly TimeSpan BusyPause = TimeSpan.FromSeconds(10); // what the service asks its clients to wait

    private readonly Uri _uri;
    private readonly string _resource;
    private readonly string _keyName;
    private readonly byte[] _key;

    public EventHubsSender(SenderContext context)
        : base(context)
    {
        string hub = $"{context.Config.Endpoint.TrimEnd('/')}/{context.Config.Text("hub")}";
        _uri = new Uri(hub + "/messages?timeout=60&api-version=2014-01");
        _resource = Uri.EscapeDataString(hub.ToLowerInvariant());
        _keyName = Uri.EscapeDataString(context.Secrets.Find("credential.key_name") ?? "");
        _key = Encoding.UTF8.GetBytes(context.Secrets.Find("credential.key") ?? ""); // the text itself is the key, although it looks like base64
    }

    protected override DeliveryOutcome? Refuse(BatchSlice slice) => RecordLimit.Check(slice, EventHubsKind.MaxRequestBytes, "Event Hubs takes 1 MB a request");

    protected override HttpRequestMessage Request(BatchSlice slice)
    {
        HttpRequestMessage request = new(HttpMethod.Post, _uri) { Content = BodyContent.Create(JsonArrayBody.Of(slice), MediaType, gzip: false) };
        request.Headers.TryAddWithoutValidation("Authorization", Sign());
        return request;
    }

    /// <summary>The table of docs/siem/event_hubs.md. Bodies of Event Hubs hold tracking ids and addresses; nothing of them is repeated.</summary>
    protected override DeliveryOutcome Read(HttpAnswer answer, BatchSlice slice) => answer.Status switch
    {
        201 => DeliveryOutcome.Delivered("HTTP 201", 201),
        >= 200 and < 300 => DeliveryOutcome.Misconfigured($"HTTP {answer.Status} and not 201", "check endpoint: this is no Event Hubs namespace", ReasonCode.TransportMismatch, answer.Status),
        401 => DeliveryOutcome.CredentialRejected("HTTP 401", "check credential.key_name and key: the policy needs Send, and this machine's clock must be right", 401),
        403 => DeliveryOutcome.RetryLater(ReasonCode.RateLimited, "HTTP 403: the namespace is over a quota", "raise the namespace's quota or throughput units", RetryAfter.Read(answer.Response.Headers, answer.Now) ?? BusyPause, 403),
        404 => answer.Misconfigured("no such hub: check endpoint and options.hub"),
        410 => answer.Misconfigured("the hub is gone or disabled: check options.hub"),
        429 or >= 500 => DeliveryOutcome.RetryLater(
            answer.Status == 429 ? ReasonCode.RateLimited : ReasonCode.DestinationError, $"HTTP {answer.Status}", delay: RetryAfter.Read(answer.Response.Headers, answer.Now) ?? (answer.Status is 429 or 503 ? BusyPause : null), status: answer.Status),
        _ => answer.ByStatus(),
    };

    private string Sign()
    {
        string expiry = (Context.Time.GetUtcNow() + Life).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        string signature = Convert.ToBase64String(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{_resource}\n{expiry}")));
        return $"SharedAccessSignature sr={_resource}&sig={Uri.EscapeDataString(signature)}&se={expiry}&skn={_keyName}";
    }
}
