using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds.OAuth;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.Chronicle;

/// <summary>POST to <c>logs:import</c> of a log type or to <c>events:import</c>, with a token of the service account. 200 with an empty object is success; nothing says more.</summary>
internal sealed class ChronicleSender : HttpSender
{
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";
    private const int MaxRecordBytes = 3_900_000;

    private readonly Uri _uri;
    private readonly byte[] _head;

    public ChronicleSender(SenderContext context, Uri address)
        : base(context, Grant(context))
    {
        DestinationConfig config = context.Config;
        string parent = $"projects/{config.Text("project")}/locations/{config.Text("location")}/instances/{config.Text("instance")}";
        bool udm = ChronicleKind.IsUdm(config);
        _uri = new Uri($"{address.GetLeftPart(UriPartial.Path).TrimEnd('/')}/v1alpha/{parent}/{(udm ? "events:import" : $"logTypes/{config.Text("log_type")}/logs:import")}");
        string forwarder = !udm && config.Text("forwarder") is { } name ? $"\"forwarder\":{JsonSerializer.Serialize($"{parent}/forwarders/{name}")}," : "";
        _head = Encoding.UTF8.GetBytes($"{{\"inlineSource\":{{{forwarder}\"{(udm ? "events" : "logs")}\":");
    }

    protected override DeliveryOutcome? Refuse(BatchSlice slice) => RecordLimit.Check(slice, MaxRecordBytes, "the Chronicle API takes 4 MB a request");

    protected override HttpRequestMessage Request(BatchSlice slice)
    {
        ReadOnlyMemory<byte> records = JsonArrayBody.Of(slice);
        byte[] body = new byte[_head.Length + records.Length + 2];
        _head.CopyTo(body, 0);
        records.CopyTo(body.AsMemory(_head.Length));
        "}}"u8.CopyTo(body.AsSpan(body.Length - 2));
        return new HttpRequestMessage(HttpMethod.Post, _uri) { Content = BodyContent.Create(body, "application/json", gzip: _uri.Scheme == Uri.UriSchemeHttps) };
    }

    protected override DeliveryOutcome Read(HttpAnswer answer, BatchSlice slice)
    {
        if (answer.IsSuccess)
        {
            return answer.Json is null ? answer.Mismatch("the Chronicle API says 200 with a JSON object") : DeliveryOutcome.Delivered($"HTTP {answer.Status}", answer.Status);
        }

        string message = answer.Text("error", "message") ?? "";
        return answer.Status == 400 && (message.Contains("log type", StringComparison.OrdinalIgnoreCase) || message.Contains("forwarder", StringComparison.OrdinalIgnoreCase))
            ? answer.Misconfigured("check options.log_type and options.forwarder", message)
            : GoogleAnswer.Read(answer, "check options.project, location (region), instance (customer id) and log_type");
    }

    private static ServiceAccount? Grant(SenderContext context) =>
        ServiceAccount.TryParse(context.Secrets.Find("credential.service_account") ?? "", Scope, out ServiceAccount? account, out _) ? account : null; // without one Google says 401
}
