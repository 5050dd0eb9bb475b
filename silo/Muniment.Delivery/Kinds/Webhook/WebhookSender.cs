using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;
using Muniment.Events;

namespace Muniment.Delivery.Kinds.Webhook;

/// <summary>
/// One message a request: <c>{"type":"muniment.events","timestamp":…,"data":[event,…]}</c>. <c>webhook-id</c> is a digest of the body, so a message that is sent again has the id
/// that it had, also after a restart, and a half of it is another message. Never compressed, because the signature is over the bytes that the receiver reads.
/// </summary>
internal sealed class WebhookSender : HttpSender
{
    private const int IdBytes = 16;

    private readonly Uri _uri;
    private readonly ImmutableArray<byte[]> _keys;
    private readonly KeyValuePair<string, string>[] _headers;

    public WebhookSender(SenderContext context)
        : base(context)
    {
        _uri = new Uri(context.Config.Endpoint);
        WebhookSecret.TryParse(context.Secrets.Find("credential.secret") ?? "", out _keys); // without one there is no signature, and the receiver says so
        _headers = [.. context.Config.Map("headers")];
    }

    /// <summary>Receivers answer what they like with a 2xx.</summary>
    protected override bool MayAnswerHtml => true;

    protected override HttpRequestMessage Request(BatchSlice slice)
    {
        ReadOnlyMemory<byte> body = Body(slice);
        string id = "msg_" + Convert.ToHexStringLower(SHA256.HashData(body.Span).AsSpan(0, IdBytes));
        string timestamp = Context.Time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        HttpRequestMessage request = new(HttpMethod.Post, _uri) { Content = BodyContent.Create(body, "application/json", gzip: false) };
        foreach ((string name, string value) in _headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Headers.TryAddWithoutValidation("webhook-id", id);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", timestamp);
        request.Headers.TryAddWithoutValidation("webhook-signature", string.Join(' ', _keys.Select(key => Sign(key, id, timestamp, body.Span))));
        return request;
    }

    protected override DeliveryOutcome Read(HttpAnswer answer, BatchSlice slice) => answer.Status switch
    {
        404 => answer.Misconfigured("no receiver at this path: check endpoint"),
        410 => answer.Misconfigured("the receiver says that this webhook is gone: make it anew there, put its address into endpoint"),
        401 or 403 => DeliveryOutcome.CredentialRejected($"HTTP {answer.Status}", "the receiver did not accept the signature: check credential.secret and its clock", answer.Status),
        _ => answer.ByStatus(),
    };

    private static ReadOnlyMemory<byte> Body(BatchSlice slice)
    {
        byte[] head = Encoding.ASCII.GetBytes($"{{\"type\":\"muniment.events\",\"timestamp\":\"{Timestamps.Format(slice[slice.Count - 1].ReceivedNs)}\",\"data\":");
        ReadOnlyMemory<byte> array = JsonArrayBody.Of(slice);
        byte[] body = new byte[head.Length + array.Length + 1];
        head.CopyTo(body, 0);
        array.CopyTo(body.AsMemory(head.Length));
        body[^1] = (byte)'}';
        return body;
    }

    private static string Sign(byte[] key, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        using IncrementalHash hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(Encoding.ASCII.GetBytes($"{id}.{timestamp}."));
        hash.AppendData(body);
        return "v1," + Convert.ToBase64String(hash.GetHashAndReset());
    }
}
