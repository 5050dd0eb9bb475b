using System.Buffers.Binary;
using System.IO.Compression;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest.Limits;

namespace Muniment.Gateway.Ingest.Bodies;

/// <summary>
/// Inflates a gzip body (RFC 1952) and accepts exactly one whole member. .NET's stream takes a cut-off body for its end and ignores what follows the last
/// member (dotnet/runtime#47563): the switch System.IO.Compression.UseStrictValidation refuses the first, the checks here the second. Inflated bytes and
/// their ratio are bounded while inflating, so a bomb costs no more than a large body.
/// </summary>
internal static class StrictGzip
{
    private const int StepBytes = 64 * 1024;
    private const int RatioFreeBytes = 1 << 20;
    private const int SmallestMemberBytes = 18;

    /// <summary>Inflates <paramref name="body"/> into <paramref name="output"/>.</summary>
    /// <param name="body">The whole body as sent.</param>
    /// <param name="output">Takes the inflated bytes.</param>
    /// <param name="lease">Grows with the output.</param>
    /// <param name="maxBytes">Most inflated bytes.</param>
    /// <param name="maxRatio">Most inflated bytes for one compressed byte.</param>
    /// <returns>Null, or why the body is refused.</returns>
    public static Refusal? Inflate(ReadOnlyMemory<byte> body, PooledBuffer output, CapacityLease lease, int maxBytes, int maxRatio)
    {
        if (body.Length < SmallestMemberBytes)
        {
            return Malformed(body.Length == 0 ? "is empty" : "is cut off");
        }

        using var feed = new LastByteApartStream(body);
        try
        {
            using var gzip = new GZipStream(feed, CompressionMode.Decompress, leaveOpen: true);
            while (true)
            {
                if (!lease.TryGrowTo(body.Length + (long)output.Length + StepBytes))
                {
                    return CapacityRefusals.Full;
                }

                int read = gzip.Read(output.Free(StepBytes).Span);
                if (read == 0)
                {
                    break;
                }

                output.Advance(read);
                if (output.Length > maxBytes)
                {
                    return new Refusal(RefusalKind.TooLarge, $"body: inflates to more than {maxBytes} bytes", "body");
                }

                if (output.Length > RatioFreeBytes && output.Length / body.Length > maxRatio)
                {
                    return new Refusal(RefusalKind.TooLarge, $"body: inflates to more than {maxRatio} times its size", "body");
                }
            }
        }
        catch (InvalidDataException)
        {
            return Malformed("is cut off, damaged, or fails its checksum");
        }

        if (!feed.IsConsumed)
        {
            return Malformed("is followed by other bytes");
        }

        // One member announces the size of all that came out of it; several announce less.
        uint announced = BinaryPrimitives.ReadUInt32LittleEndian(body.Span[^4..]);
        return announced == (uint)output.Length ? null : Malformed("has several members or is followed by other bytes; expected exactly one member");
    }

    private static Refusal Malformed(string what) => new(RefusalKind.Malformed, $"body: the gzip stream {what}", "Content-Encoding");

    /// <summary>
    /// Gives the last byte by itself. The inflater asks for it only when it still needs input there: bytes left over behind the member's end keep it from asking.
    /// </summary>
    private sealed class LastByteApartStream(ReadOnlyMemory<byte> bytes) : Stream
    {
        private int _position;

        public bool IsConsumed => _position == bytes.Length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            int left = bytes.Length - _position;
            int count = Math.Min(buffer.Length, left > 1 ? left - 1 : left);
            bytes.Span.Slice(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
