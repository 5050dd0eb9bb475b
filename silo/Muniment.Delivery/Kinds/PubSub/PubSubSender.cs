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

    protected override DeliveryOutcome Read(HttpAnswer answer, BatchSlice slice) => answer.Status switch
    {
        >= 200 and < 300 => Taken(answer, slice),
        403 => DeliveryOutcome.CredentialRejected($"HTTP 403 {HttpOutcome.Clean(answer.Text("error", "status"))}", "give the service account the role Pub/Sub Publisher on the topic", 403),
        _ => GoogleAnswer.Read(answer, "check options.project and topic"), // FAILED_PRECONDITION is the topic's state or a key of its own, not the record
    };

    private static DeliveryOutcome Taken(HttpAnswer answer, BatchSlice slice) =>
        answer.Json is { } root && root.TryGetProperty("messageIds", out JsonElement ids) && ids.ValueKind == JsonValueKind.Array && ids.GetArrayLength() == slice.Count
            ? DeliveryOutcome.Delivered($"messages {Short(ids[0])} to {Short(ids[slice.Count - 1])}", answer.Status)
            : DeliveryOutcome.RetryLater(ReasonCode.DestinationError, $"HTTP {answer.Status} without an id for every message", "check that endpoint is Pub/Sub", status: answer.Status);

    private static string Short(JsonElement id) => HttpOutcome.Clean(id.ValueKind == JsonValueKind.String ? id.GetString() : "?");

    private static ServiceAccount? Grant(SenderContext context) =>
        ServiceAccount.TryParse(context.Secrets.Find("credential.service_account") ?? "", Scope, out ServiceAccount? account, out _) ? account : null; // without one the answer is 401
}
