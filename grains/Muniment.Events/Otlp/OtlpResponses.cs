using System.Globalization;
using System.Text;
using System.Text.Json;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp;

/// <summary>Bodies of answers: <c>ExportXServiceResponse</c> for success, <c>google.rpc.Status</c> for errors, in the encoding of the request.</summary>
public static class OtlpResponses
{
    private static readonly byte[] EmptyObject = "{}"u8.ToArray();

    /// <summary>
    /// The answer to an accepted request. <paramref name="rejected"/> counts log records, spans or data points; 0 with a message is a warning; 0 without one
    /// leaves <c>partial_success</c> unset, as full success must.
    /// </summary>
    public static byte[] Success(OtlpSignal signal, OtlpEncoding encoding, long rejected = 0, string? message = null)
    {
        if (rejected == 0 && string.IsNullOrEmpty(message))
        {
            return encoding == OtlpEncoding.Json ? EmptyObject : [];
        }

        if (encoding == OtlpEncoding.Json)
        {
            string name = signal switch
            {
                OtlpSignal.Logs => "rejectedLogRecords",
                OtlpSignal.Traces => "rejectedSpans",
                _ => "rejectedDataPoints",
            };
            return Json(json =>
            {
                json.WriteStartObject("partialSuccess"u8);
                json.WriteString(name, rejected.ToString(CultureInfo.InvariantCulture));
                json.WriteString("errorMessage"u8, message ?? "");
                json.WriteEndObject();
            });
        }

        var writer = new ProtoWriter(64);
        int partial = writer.Begin(1);
        if (rejected != 0)
        {
            writer.Tag(1, ProtoCursor.Varint);
            writer.Varint((ulong)rejected);
        }

        WriteText(writer, 2, message);
        writer.End(partial);
        return writer.Written.ToArray();
    }

    /// <summary>
    /// The body of a refusal (for gRPC also the content of <c>grpc-status-details-bin</c>).
    /// </summary>
    /// <param name="encoding">Encoding of the request.</param>
    /// <param name="code">gRPC status code, e.g. 3 INVALID_ARGUMENT, 8 RESOURCE_EXHAUSTED, 14 UNAVAILABLE.</param>
    /// <param name="message">For the sender.</param>
    /// <param name="retryAfter">Adds a <c>google.rpc.RetryInfo</c>; without it 8 means "never retry".</param>
    public static byte[] Status(OtlpEncoding encoding, int code, string message, TimeSpan? retryAfter = null)
    {
        const string RetryInfoType = "type.googleapis.com/google.rpc.RetryInfo";
        if (encoding == OtlpEncoding.Json)
        {
            return Json(json =>
            {
                json.WriteNumber("code"u8, code);
                json.WriteString("message"u8, message);
                if (retryAfter is { } delay)
                {
                    json.WriteStartArray("details"u8);
                    json.WriteStartObject();
                    json.WriteString("@type"u8, RetryInfoType);
                    json.WriteString("retryDelay"u8, delay.TotalSeconds.ToString("0.#########", CultureInfo.InvariantCulture) + "s");
                    json.WriteEndObject();
                    json.WriteEndArray();
                }
            });
        }

        var writer = new ProtoWriter(128);
        WriteVarint(writer, 1, code);
        WriteText(writer, 2, message);
        if (retryAfter is { } wait)
        {
            const int NsPerTick = 100;
            int any = writer.Begin(3);
            WriteText(writer, 1, RetryInfoType);
            int info = writer.Begin(2);
            int duration = writer.Begin(1);
            WriteVarint(writer, 1, wait.Ticks / TimeSpan.TicksPerSecond);
            WriteVarint(writer, 2, wait.Ticks % TimeSpan.TicksPerSecond * NsPerTick);
            writer.End(duration);
            writer.End(info);
            writer.End(any);
        }

        return writer.Written.ToArray();
    }

    private static void WriteVarint(ProtoWriter writer, int number, long value)
    {
        if (value != 0)
        {
            writer.Tag(number, ProtoCursor.Varint);
            writer.Varint((ulong)value);
        }
    }

    private static void WriteText(ProtoWriter writer, int number, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            writer.Bytes(number, Encoding.UTF8.GetBytes(text));
        }
    }

    private static byte[] Json(Action<Utf8JsonWriter> members)
    {
        var buffer = new ProtoWriter(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return buffer.Written.ToArray();
    }
}
