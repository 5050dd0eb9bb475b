using System.Globalization;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Kinds.OAuth;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.PubSub;

/// <summary>POST of <c>{"messages":[…]}</c> to <c>/v1/projects/{project}/topics/{topic}:publish</c>; all are taken or none.</summary>
internal sealed class PubSubSender : HttpSender
{
    internal const string Scope = "https://www.googleapis.com/auth/pubsub";

    private readonly Uri _uri;

    public PubSubSender(SenderContext context)
        : base(context, Grant(context))
    {
        string root = context.Config.Endpoint.Length > 0 ? context.Config.Endpoint.TrimEnd('/') : PubSubKind.DefaultEndpoint;
        _uri = new Uri($"{root}/v1/projects/{context.Config.Text("project")}/topics/{Uri.EscapeDataString(context.Config.Text("topic")!)}:publish");
    }

    protected override int MaxAnswerBytes => 256 * 1024;

    protected override DeliveryOutcome? Refuse(BatchSlice slice) => RecordLimit.Check(slice, PubSubKind.MaxRequestBytes - 100, "Pub/Sub takes 10 MB a message");

    protected override HttpRequestMessage Request(BatchSlice slice)
    {
        ReadOnlyMemory<byte> array = JsonArrayBody.Of(slice);
        byte[] body = [.. "{\"messages\":"u8, .. array.Span, (byte)'}'];
        return new HttpRequestMessage(HttpMethod.Post, _uri) { Content = BodyContent.Create(body, "application/json", gzip: _uri.Scheme == Uri.UriSchemeHttps) };
    }

    protected override DeliveryOutcome Read(HttpAnswer answer, BatchSlice slice)
    {
        string? status = answer.Text("error", "status");
        return answer.Status switch
        {
            >= 200 and < 300 => Taken(answer, slice),
            401 => DeliveryOutcome.CredentialRejected(Say(answer, status), "renew credential.service_account; everything is kept meanwhile", 401),
            403 => DeliveryOutcome.CredentialRejected(Say(answer, status), "give the service account the role Pub/Sub Publisher on the topic", 403),
            404 => answer.Misconfigured("check options.project and topic", status),
            409 or 499 => DeliveryOutcome.RetryLater(ReasonCode.DestinationError, Say(answer, status), delay: Delay(answer), status: answer.Status),
            429 => DeliveryOutcome.RetryLater(ReasonCode.RateLimited, Say(answer, status), "raise the project's quota", Delay(answer), 429),
            >= 500 => DeliveryOutcome.RetryLater(ReasonCode.DestinationError, Say(answer, status), delay: Delay(answer), status: answer.Status),
            400 => GoogleAnswer.Read(answer, "check options.project and topic"), // FAILED_PRECONDITION is the topic's state or a key of its own, not the record
            _ => answer.ByStatus(status),
        };
    }

    private static DeliveryOutcome Taken(HttpAnswer answer, BatchSlice slice) =>
        answer.Json is { } root && root.TryGetProperty("messageIds", out JsonElement ids) && ids.ValueKind == JsonValueKind.Array && ids.GetArrayLength() == slice.Count
            ? DeliveryOutcome.Delivered($"messages {Short(ids[0])} to {Short(ids[slice.Count - 1])}", answer.Status)
            : DeliveryOutcome.RetryLater(ReasonCode.DestinationError, $"HTTP {answer.Status} without an id for every message", "check that endpoint is Pub/Sub", status: answer.Status);

    private static string Short(JsonElement id) => HttpOutcome.Clean(id.ValueKind == JsonValueKind.String ? id.GetString() : "?");

    /// <summary>Google's <c>RetryInfo</c> (<c>"retryDelay":"3.5s"</c>), else the header.</summary>
    private static TimeSpan? Delay(HttpAnswer answer)
    {
        if (answer.Json is { } root && root.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.Object && error.TryGetProperty("details", out JsonElement details) && details.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement detail in details.EnumerateArray())
            {
                if (detail.ValueKind == JsonValueKind.Object && detail.TryGetProperty("retryDelay", out JsonElement delay) && delay.ValueKind == JsonValueKind.String
                    && double.TryParse(delay.GetString()!.TrimEnd('s'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds))
                {
                    return TimeSpan.FromSeconds(Math.Clamp(seconds, RetryAfter.Shortest.TotalSeconds, RetryAfter.Longest.TotalSeconds));
                }
            }
        }

        return RetryAfter.Read(answer.Response.Headers, answer.Now);
    }

    private static string Say(HttpAnswer answer, string? said) => HttpOutcome.Clean(said) is { Length: > 0 } text ? $"HTTP {answer.Status}: {text}" : $"HTTP {answer.Status}";

    private static ServiceAccount? Grant(SenderContext context) =>
        ServiceAccount.TryParse(context.Secrets.Find("credential.service_account") ?? "", Scope, out ServiceAccount? account, out _) ? account : null; // without one the answer is 401
}
