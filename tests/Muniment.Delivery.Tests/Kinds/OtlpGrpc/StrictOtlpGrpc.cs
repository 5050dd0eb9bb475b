using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.OtlpGrpc;

/// <summary>A receiver by docs/siem/otlp.md: reads frame and message with code of its own, answers with a status in the trailers or alone.</summary>
internal sealed partial class StrictOtlpGrpc
{
    public const int MaxMessageBytes = 4 << 20;

    private static readonly Dictionary<string, string> Services = new()
    {
        ["/opentelemetry.proto.collector.logs.v1.LogsService/Export"] = "logs", ["/opentelemetry.proto.collector.trace.v1.TraceService/Export"] = "traces",
        ["/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"] = "metrics",
    };

    /// <summary>Reads a request; the records with their scope and resource, or why it is refused and with which status.</summary>
    public static (IReadOnlyList<byte[]> Records, int Code, string Why) Read(WireRequest request)
    {
        if (request.Method != "POST" || !Services.TryGetValue(request.Path, out string? signal))
        {
            return Refuse(12, "2.1: unknown service or method");
        }

        if (!(request.Header("Content-Type") ?? "").StartsWith("application/grpc", StringComparison.Ordinal))
        {
            return Refuse(13, "2.1: content-type application/grpc*");
        }

        if (request.Header("te") != "trailers")
        {
            return Refuse(13, "1.1: te: trailers");
        }

        if (!Timeout().IsMatch(request.Header("grpc-timeout") ?? "1S"))
        {
            return Refuse(13, "2.1: grpc-timeout \\d{1,8}[HMSmun]");
        }

        byte[] body = request.Body;
        if (body.Length < 5)
        {
            return Refuse(13, "1.1: a frame is 1 byte flag, 4 bytes length, message");
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(1));
        if (length != body.Length - 5)
        {
            return Refuse(13, "2.1: exactly one message");
        }

        if (body[0] > 1)
        {
            return Refuse(13, "1.1: the flag is 0 or 1");
        }

        string encoding = request.Header("grpc-encoding") ?? "identity";
        if (encoding is not ("gzip" or "identity"))
        {
            return Refuse(12, "2.1: grpc-encoding is gzip or identity");
        }

        if (body[0] == 1 && encoding == "identity")
        {
            return Refuse(13, "2.1: the flag says compressed and the header does not");
        }

        byte[] message = body[5..];
        if (body[0] == 1)
        {
            try
            {
                message = new WireRequest("", "", "", new Dictionary<string, string> { ["Content-Encoding"] = "gzip" }, message).Inflated();
            }
            catch (InvalidDataException)
            {
                return Refuse(13, "2.1: not gzip");
            }
        }

        if (message.Length > MaxMessageBytes)
        {
            return Refuse(8, "1.1: over the limit: received message larger than max");
        }

        try
        {
            List<byte[]> records = [];
            foreach (PlainProto scope in new PlainProto(message).Messages(1).SelectMany(r => r.Messages(2)))
            {
                foreach (byte[] record in scope.Raw(2))
                {
                    PlainProto read = new(record);
                    if (!Marked(read, signal).ContainsKey("muniment.event_id"))
                    {
                        return Refuse(3, "a record without our marks");
                    }

                    records.Add(record);
                }
            }

            (int count, string? wrong) = OtlpOracle.Read(signal, message);
            return wrong is null && count == records.Count ? (records, 0, "") : Refuse(3, "2.1: the schema's own classes: " + (wrong ?? $"{count} records, not {records.Count}"));
        }
        catch (Exception exception) when (exception is InvalidDataException or IndexOutOfRangeException or ArgumentException or InvalidOperationException or InvalidCastException or OverflowException)
        {
            return Refuse(3, "2.1: bad protobuf");
        }
    }

    public static Dictionary<string, string> Marked(PlainProto record, string signal) => record.Attributes(signal switch { "traces" => 9, "metrics" => 12, _ => 6 });

    /// <summary>A success with its message, or a status alone.</summary>
    public static async Task AnswerAsync(HttpContext context, int code, string message = "", byte[]? body = null, string? details = null)
    {
        context.Response.ContentType = "application/grpc";
        if (code == 0)
        {
            byte[] bytes = body ?? [];
            byte[] frame = new byte[5 + bytes.Length];
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), bytes.Length);
            bytes.CopyTo(frame, 5);
            await context.Response.StartAsync();
            await context.Response.Body.WriteAsync(frame);
            context.Response.AppendTrailer("grpc-status", "0");
            return;
        }

        context.Response.Headers["grpc-status"] = code.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["grpc-message"] = Uri.EscapeDataString(message);
        if (details is not null)
        {
            context.Response.Headers["grpc-status-details-bin"] = details;
        }

        await context.Response.CompleteAsync();
    }

    /// <summary><c>google.rpc.Status</c> with a <c>RetryInfo</c>, base64 without padding as grpc-go sends it.</summary>
    public static string RetryInfo(int seconds)
    {
        byte[] duration = [0x08, (byte)seconds];
        byte[] retry = [0x0a, (byte)duration.Length, .. duration];
        byte[] type = Encoding.ASCII.GetBytes("type.googleapis.com/google.rpc.RetryInfo");
        byte[] any = [0x0a, (byte)type.Length, .. type, 0x12, (byte)retry.Length, .. retry];
        byte[] status = [0x08, 0x08, 0x12, 0x04, (byte)'s', (byte)'l', (byte)'o', (byte)'w', 0x1a, (byte)any.Length, .. any];
        return Convert.ToBase64String(status).TrimEnd('=');
    }

    private static (IReadOnlyList<byte[]>, int, string) Refuse(int code, string why) => ([], code, why);

    [GeneratedRegex("^\\d{1,8}[HMSmun]$")]
    private static partial Regex Timeout();
}
