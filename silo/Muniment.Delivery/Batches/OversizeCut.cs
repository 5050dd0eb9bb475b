using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Writing;

namespace Muniment.Delivery.Batches;

/// <summary>
/// Makes an event small that alone is larger than its destination takes: <c>details</c> give way to <c>details.oversize</c> with the size and SHA-256 of the whole event's
/// canonical JSON (what <c>GET events/{id}</c> answers), long texts are cut. Who has the cut event can name the whole one, and check it.
/// </summary>
internal static class OversizeCut
{
    /// <summary>Characters that are left of a text.</summary>
    public const int MaxTextLength = 256;

    /// <summary>Bytes up to which the decision stays.</summary>
    public const int MaxDecisionSizeBytes = 4096;

    public static void Apply(CanonicalEvent value)
    {
        ArrayBufferWriter<byte> whole = new();
        CanonicalJsonWriter.Write(value, whole);
        ArrayBufferWriter<byte> details = new();
        using (Utf8JsonWriter json = new(details))
        {
            json.WriteStartObject();
            json.WriteStartObject("oversize");
            json.WriteNumber("bytes", whole.WrittenCount);
            json.WriteString("digest", "sha256:" + Convert.ToHexStringLower(SHA256.HashData(whole.WrittenSpan)));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        value.Details = details.WrittenMemory;
        value.Reason = Cut(value.Reason);
        value.Target = Cut(value.Target);
        if (value.Decision.Length > MaxDecisionSizeBytes)
        {
            value.Decision = default;
        }

        if (value.Tool is { } tool)
        {
            value.Tool = new ToolPart
            {
                Name = Cut(tool.Name), Namespace = tool.Namespace, Server = Cut(tool.Server), Call = Cut(tool.Call), Command = Cut(tool.Command),
                DurationMs = tool.DurationMs, Success = tool.Success, ExitCode = tool.ExitCode,
            };
        }
    }

    private static string? Cut(string? text)
    {
        if (text is null || text.Length <= MaxTextLength)
        {
            return text;
        }

        int length = char.IsHighSurrogate(text[MaxTextLength - 1]) ? MaxTextLength - 1 : MaxTextLength;
        return string.Concat(text.AsSpan(0, length), "…");
    }
}
