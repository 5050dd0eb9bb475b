using System.Collections.Immutable;
using System.Text.Json;

namespace Muniment.Gateway.Upstreams;

/// <summary>
/// What the gateway shows an upstream in place of the client's key. In JSON a text (the key), or an object of <c>api_key</c> and <c>headers</c>. Its text form never holds a secret.
/// </summary>
/// <param name="ApiKey">The key, sent the way the upstream's protocol sends keys; null for none.</param>
/// <param name="Headers">Further headers to set, e.g. <c>OpenAI-Organization</c>; sorted by name.</param>
public sealed record UpstreamCredential(string? ApiKey, ImmutableArray<KeyValuePair<string, string>> Headers)
{
    /// <summary>What stands in the place of a secret.</summary>
    public const string Mask = "***";

    /// <summary>Most headers.</summary>
    public const int MaxHeaders = 16;

    /// <summary>What a credential may be, for messages: "expected …".</summary>
    public const string Expected = "a text (the API key), or an object with api_key and headers, an object of texts; at most 4096 bytes without control characters";

    // What the forwarder itself sets; a second value would contradict it.
    private static readonly string[] Reserved = ["host", "content-length", "transfer-encoding", "connection", "te", "upgrade", "expect", "proxy-connection", "keep-alive", "trailer"];

    /// <summary>Reads one; null when it is none.</summary>
    public static UpstreamCredential? Read(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                return IsSecret(json, out string? text) ? new UpstreamCredential(text, []) : null;
            case JsonValueKind.Object:
                string? key = null;
                ImmutableArray<KeyValuePair<string, string>>? headers = [];
                foreach (JsonProperty member in json.EnumerateObject())
                {
                    if (member.NameEquals("api_key"u8) && IsSecret(member.Value, out key))
                    {
                        continue;
                    }

                    headers = member.NameEquals("headers"u8) ? ReadHeaders(member.Value) : null;
                    if (headers is null)
                    {
                        return null;
                    }
                }

                return key is null && headers.Value.IsEmpty ? null : new UpstreamCredential(key, headers.Value);
            default:
                return null;
        }
    }

    /// <summary>The same JSON with <see cref="Mask"/> in place of each secret.</summary>
    public static string Show(JsonElement json)
    {
        using var stream = new MemoryStream(128);
        using (var writer = new Utf8JsonWriter(stream))
        {
            Show(json, writer);
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <inheritdoc/>
    public override string ToString() => $"api_key={(ApiKey is null ? "none" : Mask)}, {Headers.Length} headers";

    private static void Show(JsonElement json, Utf8JsonWriter writer)
    {
        if (json.ValueKind is not JsonValueKind.Object)
        {
            writer.WriteStringValue(Mask);
            return;
        }

        writer.WriteStartObject();
        foreach (JsonProperty member in json.EnumerateObject())
        {
            writer.WritePropertyName(member.Name);
            Show(member.Value, writer);
        }

        writer.WriteEndObject();
    }

    private static ImmutableArray<KeyValuePair<string, string>>? ReadHeaders(JsonElement json)
    {
        if (json.ValueKind is not JsonValueKind.Object || json.GetPropertyCount() > MaxHeaders)
        {
            return null;
        }

        var headers = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (JsonProperty header in json.EnumerateObject())
        {
            if (!IsSecret(header.Value, out string? value) || header.Name.Length is 0 or > 100 || !header.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
                || Reserved.Contains(header.Name, StringComparer.OrdinalIgnoreCase))
            {
                return null;
            }

            headers.Add(KeyValuePair.Create(header.Name, value!));
        }

        headers.Sort((one, other) => string.CompareOrdinal(one.Key, other.Key));
        return headers.DrainToImmutable();
    }

    // A header's value: anything else could add headers of its own.
    private static bool IsSecret(JsonElement json, out string? text)
    {
        text = json.ValueKind is JsonValueKind.String ? json.GetString() : null;
        return text is { Length: > 0 } && text.All(c => c is >= ' ' and <= '~');
    }
}
