using System.Buffers.Binary;
using System.IO.Compression;

namespace Muniment.Delivery.Kinds.OtlpGrpc;

/// <summary>A gRPC message: one byte that says whether it is compressed, four of length, the bytes.</summary>
internal static class GrpcFrame
{
    private const int HeadBytes = 5;

    public static byte[] Write(ReadOnlySpan<byte> message, bool gzip)
    {
        using MemoryStream framed = new(message.Length / (gzip ? 4 : 1) + 64);
        framed.Write(new byte[HeadBytes]);
        if (gzip)
        {
            using GZipStream stream = new(framed, CompressionLevel.Fastest, leaveOpen: true);
            stream.Write(message);
        }
        else
        {
            framed.Write(message);
        }

        byte[] bytes = framed.ToArray();
        bytes[0] = gzip ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(1), (uint)(bytes.Length - HeadBytes));
        return bytes;
    }

    /// <summary>The message of a whole answer; empty when there is none, or none that was asked for (we offer no compression).</summary>
    public static ReadOnlyMemory<byte> Read(ReadOnlyMemory<byte> body) =>
        body.Length >= HeadBytes && body.Span[0] == 0 && BinaryPrimitives.ReadUInt32BigEndian(body.Span[1..]) is var length && length <= body.Length - HeadBytes
            ? body.Slice(HeadBytes, (int)length)
            : default;
}
