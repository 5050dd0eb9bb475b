using System.Globalization;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.OtlpHttp;

/// <summary>What a collector said: partial success of a 2xx, or the message of a <c>google.rpc.Status</c>.</summary>
internal readonly record struct OtlpAnswer(long Rejected, string Message)
{
    private static readonly OtlpAnswer Nothing = new(0, "");

    public static OtlpAnswer Read(bool success, string? mediaType, ReadOnlySpan<byte> body)
    {
        try
        {
            return mediaType switch
            {
                "application/json" => success ? PartialJson(body) : new OtlpAnswer(0, StatusJson(body)),
                "application/x-protobuf" => success ? PartialProto(body) : new OtlpAnswer(0, StatusProto(body)),
                _ => Nothing,
            };
        }
        catch (JsonException)
        {
            return Nothing;
        }
    }

    private static OtlpAnswer PartialProto(ReadOnlySpan<byte> body)
    {
        while (Proto.TryReadField(ref body, out int field, out _, out ReadOnlySpan<byte> bytes))
        {
            if (field == 1)
            {
                long rejected = 0;
                string message = "";
                while (Proto.TryReadField(ref bytes, out int inner, out ulong number, out ReadOnlySpan<byte> text))
                {
                    rejected = inner == 1 ? (long)number : rejected;
                    message = inner == 2 ? HttpOutcome.Clean(Encoding.UTF8.GetString(text)) : message;
                }

                return new OtlpAnswer(rejected, message);
            }
        }

        return Nothing;
    }

    private static string StatusProto(ReadOnlySpan<byte> body)
    {
        while (Proto.TryReadField(ref body, out int field, out _, out ReadOnlySpan<byte> bytes))
        {
            if (field == 2)
            {
                return HttpOutcome.Clean(Encoding.UTF8.GetString(bytes));
            }
        }

        return "";
    }

    private static OtlpAnswer PartialJson(ReadOnlySpan<byte> body)
    {
        Utf8JsonReader reader = new(body);
        JsonElement root = JsonElement.ParseValue(ref reader);
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("partialSuccess", out JsonElement partial) || partial.ValueKind != JsonValueKind.Object)
        {
            return Nothing;
        }

        long rejected = 0;
        foreach (string name in (ReadOnlySpan<string>)["rejectedLogRecords", "rejectedSpans", "rejectedDataPoints"])
        {
            if (partial.TryGetProperty(name, out JsonElement value)
                && long.TryParse(value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText(), NumberStyles.Integer, CultureInfo.InvariantCulture, out long count))
            {
                rejected += count;
            }
        }

        return new OtlpAnswer(rejected, partial.TryGetProperty("errorMessage", out JsonElement said) && said.ValueKind == JsonValueKind.String ? HttpOutcome.Clean(said.GetString()) : "");
    }

    private static string StatusJson(ReadOnlySpan<byte> body)
    {
        Utf8JsonReader reader = new(body);
        JsonElement root = JsonElement.ParseValue(ref reader);
        return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("message", out JsonElement said) && said.ValueKind == JsonValueKind.String ? HttpOutcome.Clean(said.GetString()) : "";
    }
}
