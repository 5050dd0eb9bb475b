using System.Globalization;
using System.Text.Json;
using Muniment.Events.Otlp;

namespace Muniment.Gateway.Ingest.Otlp;

/// <summary>
/// <c>ExportXServiceResponse</c> in its two encodings. A whole success is the empty message; <c>partial_success</c> is present only when something was refused,
/// because exporters log it as trouble.
/// </summary>
internal static class OtlpAnswer
{
    /// <summary>Protobuf: the three responses have the same fields.</summary>
    public static ReadOnlyMemory<byte> Protobuf(OtlpStored stored)
    {
        if (stored.Rejected == 0)
        {
            return default;
        }

        byte[] message = System.Text.Encoding.UTF8.GetBytes(stored.Message);
        var partial = new List<byte>(message.Length + 16) { 1 << 3 };
        Varint(partial, (ulong)stored.Rejected);
        partial.Add((2 << 3) | 2);
        Varint(partial, (ulong)message.Length);
        partial.AddRange(message);
        var response = new List<byte>(partial.Count + 8) { (1 << 3) | 2 };
        Varint(response, (ulong)partial.Count);
        response.AddRange(partial);
        return response.ToArray();
    }

    /// <summary>JSON: 64-bit numbers are strings.</summary>
    public static ReadOnlyMemory<byte> Json(OtlpStored stored, OtlpSignal signal)
    {
        if (stored.Rejected == 0)
        {
            return "{}"u8.ToArray();
        }

        using var stream = new MemoryStream(160);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject("partialSuccess"u8);
            json.WriteString(RejectedName(signal), stored.Rejected.ToString(CultureInfo.InvariantCulture));
            json.WriteString("errorMessage"u8, stored.Message);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static string RejectedName(OtlpSignal signal) => signal switch
    {
        OtlpSignal.Logs => "rejectedLogRecords",
        OtlpSignal.Traces => "rejectedSpans",
        _ => "rejectedDataPoints",
    };

    private static void Varint(List<byte> bytes, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
    }
}
