using System.Text.Json;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds;

/// <summary>One answer of a destination: head, as much of the body as was read, and the time of reading it.</summary>
internal sealed record HttpAnswer(HttpResponseMessage Response, ReadOnlyMemory<byte> Body, DateTimeOffset Now)
{
    private readonly Lazy<JsonElement?> _json = new(() => Parse(Body));

    public int Status => (int)Response.StatusCode;

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The body as a JSON object; null when it is none.</summary>
    public JsonElement? Json => _json.Value;

    public bool LooksLikeHtml => Body.Span.TrimStart(" \t\r\n"u8) is [(byte)'<', ..];

    public bool IsEmpty => Body.Span.TrimStart(" \t\r\n"u8).IsEmpty;

    /// <summary>A success of some other server: nothing was stored by whom it should be.</summary>
    public DeliveryOutcome Mismatch(string expected) =>
        DeliveryOutcome.Misconfigured($"HTTP {Status}, but not the answer expected: {expected}", "check host, port and path in endpoint", ReasonCode.TransportMismatch, Status);

    /// <summary>What the status says when the kind has no better reading. <paramref name="said"/> is one field of the destination's protocol, cleaned here.</summary>
    public DeliveryOutcome ByStatus(string? said = null) => HttpOutcome.OfStatus(Response, Now, HttpOutcome.Clean(said));

    /// <summary>The same, with a hint of the kind's own.</summary>
    public DeliveryOutcome Misconfigured(string hint, string? said = null) =>
        DeliveryOutcome.Misconfigured(HttpOutcome.Clean(said) is { Length: > 0 } text ? $"HTTP {Status}: {text}" : $"HTTP {Status}", hint, status: Status);

    /// <summary>A text at a path of members in the body; null when there is none.</summary>
    public string? Text(params ReadOnlySpan<string> path)
    {
        JsonElement? at = Json;
        foreach (string name in path)
        {
            at = at is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out JsonElement child) ? child : null;
        }

        return at is { ValueKind: JsonValueKind.String } text ? text.GetString() : at is { ValueKind: JsonValueKind.Number } number ? number.GetRawText() : null;
    }

    private static JsonElement? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            Utf8JsonReader reader = new(body.Span);
            JsonElement root = JsonElement.ParseValue(ref reader);
            return root.ValueKind == JsonValueKind.Object ? root : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
