using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Muniment.Gateway.Destinations;

/// <summary>Reads what requests about destinations carry.</summary>
internal static class DestinationRequest
{
    public const int MaxBodyBytes = 256 * 1024;
    public const int MaxLimit = 1000;
    public const string LimitExpected = "a whole number from 1 to 1000";

    public static async Task<(ReadOnlyMemory<byte> Body, IResult? Problem)> ReadBodyAsync(HttpContext context)
    {
        if (context.Request.Headers.ContentEncoding.Count > 0)
        {
            return (default, Problem.Status(StatusCodes.Status415UnsupportedMediaType, "Unsupported media type", "Content-Encoding: expected none"));
        }

        PipeReader reader = context.Request.BodyReader;
        while (true)
        {
            ReadResult read = await reader.ReadAsync(context.RequestAborted);
            if (read.Buffer.Length > MaxBodyBytes)
            {
                reader.AdvanceTo(read.Buffer.End);
                return (default, Problem.Status(StatusCodes.Status413PayloadTooLarge, "Too large", $"body: expected at most {MaxBodyBytes} bytes"));
            }

            if (read.IsCompleted)
            {
                byte[] body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return (body, null);
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>An object with no members but these, or null.</summary>
    public static JsonElement? ReadObject(ReadOnlyMemory<byte> body, params ReadOnlySpan<string> members)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            foreach (JsonProperty member in document.RootElement.EnumerateObject())
            {
                if (!members.Contains(member.Name))
                {
                    return null;
                }
            }

            return document.RootElement.Clone();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The id that a new destination asks for, or one made of its kind. The rest of the body is the grain's to judge.</summary>
    public static IResult? ReadId(ReadOnlyMemory<byte> body, out string id)
    {
        id = "";
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 64 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return Problem.BadField("body", "a JSON object");
            }

            if (document.RootElement.TryGetProperty("id", out JsonElement value) && value.ValueKind != JsonValueKind.Null)
            {
                id = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
                return IsId(id) ? null : Problem.BadField("id", "1 to 63 of a-z 0-9 - _ . beginning with a letter or digit");
            }

            string kind = document.RootElement.TryGetProperty("kind", out JsonElement name) && name.ValueKind == JsonValueKind.String ? name.GetString()! : "";
            id = $"{(IsId(kind) && kind.Length <= 40 ? kind : "destination")}-{Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..8]}";
            return null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return Problem.BadField("body", "valid JSON");
        }
    }

    /// <summary>Whether a text can be a destination's id; what cannot is not there either.</summary>
    public static bool IsId(string id) =>
        id.Length is > 0 and <= 63 && char.IsAsciiLetterOrDigit(id[0]) && id.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_' or '.');

    public static bool TryReadLimit(HttpContext context, int otherwise, out int limit)
    {
        string text = context.Request.Query["limit"].ToString();
        limit = otherwise;
        return text.Length == 0 || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit);
    }

    /// <summary>The version in <c>If-Match</c>; -1 for none or <c>*</c>.</summary>
    public static bool TryReadIfMatch(HttpContext context, out int version)
    {
        version = -1;
        StringValues header = context.Request.Headers.IfMatch;
        string text = header.ToString().Trim();
        if (text.Length == 0 || text == "*")
        {
            return true;
        }

        text = text.StartsWith("W/", StringComparison.Ordinal) ? text[2..] : text;
        if (text.Length < 3 || text[0] != '"' || text[^1] != '"' || text.AsSpan(1, text.Length - 2).Contains('"'))
        {
            return false;
        }

        if (!int.TryParse(text.AsSpan(1, text.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out version))
        {
            version = int.MaxValue; // an ETag that was never given matches nothing: 409, not 400
        }

        return true;
    }
}
