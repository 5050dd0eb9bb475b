using System.Text;
using Muniment.Events.Otlp;

namespace Muniment.Gateway.Hosting;

/// <summary>A refusal as <c>google.rpc.Status</c> and as gRPC's headers.</summary>
internal static class GrpcStatus
{
    /// <summary>The message, with RetryInfo when it may be sent again.</summary>
    public static byte[] Body(Refusal refusal, OtlpEncoding encoding) => OtlpResponses.Status(
        encoding, refusal.GrpcStatus, refusal.Detail, refusal.RetryAfterSeconds > 0 ? TimeSpan.FromSeconds(refusal.RetryAfterSeconds) : null);

    /// <summary>The value of <c>grpc-status-details-bin</c>: base64 without padding.</summary>
    public static string DetailsHeader(Refusal refusal) => Convert.ToBase64String(Body(refusal, OtlpEncoding.Protobuf)).TrimEnd('=');

    /// <summary>The value of <c>grpc-message</c>: UTF-8, percent-encoded but for printable ASCII.</summary>
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
}
