using System.Text;
using System.Text.Json;

namespace Muniment.Gateway.Hosting;

/// <summary><c>google.rpc.Status</c> in its two encodings, with <c>RetryInfo</c> or <c>BadRequest</c> as its detail. Written by hand: six fields, no dependency.</summary>
internal static class RpcStatus
{
    /// <summary>Protobuf bytes.</summary>
    public static byte[] Proto(Refusal refusal)
    {
        var bytes = new List<byte>(128);
        Varint(bytes, 1, (ulong)refusal.GrpcStatus);
        Bytes(bytes, 2, Encoding.UTF8.GetBytes(refusal.Detail));
        if (refusal.RetryAfterSeconds > 0)
        {
            var duration = new List<byte>(4);
            Varint(duration, 1, (ulong)refusal.RetryAfterSeconds);
            var retry = new List<byte>(8);
            Bytes(retry, 1, [.. duration]);
            Bytes(bytes, 3, Any("type.googleapis.com/google.rpc.RetryInfo"u8, retry));
        }
        else if (refusal is { Kind: RefusalKind.Malformed, Field: not null })
        {
            var violation = new List<byte>(96);
            Bytes(violation, 1, Encoding.UTF8.GetBytes(refusal.Field));
            Bytes(violation, 2, Encoding.UTF8.GetBytes(refusal.Detail));
            var badRequest = new List<byte>(100);
            Bytes(badRequest, 1, [.. violation]);
            Bytes(bytes, 3, Any("type.googleapis.com/google.rpc.BadRequest"u8, badRequest));
        }

        return [.. bytes];
    }

    /// <summary>JSON bytes, in the protobuf JSON mapping.</summary>
    public static byte[] Json(Refusal refusal)
    {
        using var stream = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("code"u8, refusal.GrpcStatus);
            json.WriteString("message"u8, refusal.Detail);
            if (refusal.RetryAfterSeconds > 0)
            {
                json.WriteStartArray("details"u8);
                json.WriteStartObject();
                json.WriteString("@type"u8, "type.googleapis.com/google.rpc.RetryInfo"u8);
                json.WriteString("retryDelay"u8, $"{refusal.RetryAfterSeconds}s");
                json.WriteEndObject();
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>The value of <c>grpc-status-details-bin</c>: base64 without padding.</summary>
    public static string DetailsHeader(Refusal refusal) => Convert.ToBase64String(Proto(refusal)).TrimEnd('=');

    /// <summary>The value of <c>grpc-message</c>: percent-encoded UTF-8 but for printable ASCII.</summary>
    public static string MessageHeader(string message)
    {
        var text = new StringBuilder(message.Length + 16);
        foreach (byte b in Encoding.UTF8.GetBytes(message))
        {
            if (b is >= 0x20 and <= 0x7E and not (byte)'%')
            {
                text.Append((char)b);
            }
            else
            {
                text.Append('%').Append(b.ToString("X2", null));
            }
        }

        return text.ToString();
    }

    private static byte[] Any(ReadOnlySpan<byte> type, List<byte> value)
    {
        var any = new List<byte>(64);
        Bytes(any, 1, type);
        Bytes(any, 2, [.. value]);
        return [.. any];
    }

    private static void Varint(List<byte> bytes, int field, ulong value)
    {
        bytes.Add((byte)(field << 3));
        Varint(bytes, value);
    }

    private static void Bytes(List<byte> bytes, int field, ReadOnlySpan<byte> value)
    {
        bytes.Add((byte)((field << 3) | 2));
        Varint(bytes, (ulong)value.Length);
        bytes.AddRange(value);
    }

    private static void Varint(List<byte> bytes, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
    }
}
