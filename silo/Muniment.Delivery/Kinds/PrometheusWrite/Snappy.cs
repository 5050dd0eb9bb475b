using System.Buffers.Binary;
using System.Numerics;

namespace Muniment.Delivery.Kinds.PrometheusWrite;

/// <summary>Compression in Snappy's block format (google/snappy, format_description.txt), which remote write demands. Deterministic: the same input gives the same bytes.</summary>
internal static class Snappy
{
    private const int BlockSize = 1 << 16; // offsets then fit two bytes
    private const int TableBits = 14;
    private const int LeastMatch = 4;

    public static byte[] Compress(ReadOnlySpan<byte> input)
    {
        byte[] output = new byte[16 + input.Length + input.Length / 6 + 16];
        int at = 0;
        for (uint length = (uint)input.Length; ; length >>= 7)
        {
            if (length < 0x80)
            {
                output[at++] = (byte)length;
                break;
            }

            output[at++] = (byte)(length | 0x80);
        }

        int[] table = new int[1 << TableBits];
        for (int start = 0; start < input.Length; start += BlockSize)
        {
            at = Block(input.Slice(start, Math.Min(BlockSize, input.Length - start)), table, output, at);
        }

        return output[..at];
    }

    private static int Block(ReadOnlySpan<byte> block, int[] table, byte[] output, int at)
    {
        table.AsSpan().Fill(-1);
        int literal = 0;
        int position = 0;
        while (position + LeastMatch <= block.Length)
        {
            uint next = BinaryPrimitives.ReadUInt32LittleEndian(block[position..]);
            int slot = (int)((next * 0x1E35A7BD) >> (32 - TableBits));
            int candidate = table[slot];
            table[slot] = position;
            if (candidate < 0 || BinaryPrimitives.ReadUInt32LittleEndian(block[candidate..]) != next)
            {
                position++;
                continue;
            }

            int length = LeastMatch + block[(position + LeastMatch)..].CommonPrefixLength(block[(candidate + LeastMatch)..]);
            at = Literal(block[literal..position], output, at);
            at = Copy(position - candidate, length, output, at);
            position += length;
            literal = position;
        }

        return Literal(block[literal..], output, at);
    }

    private static int Literal(ReadOnlySpan<byte> bytes, byte[] output, int at)
    {
        if (bytes.IsEmpty)
        {
            return at;
        }

        int last = bytes.Length - 1;
        int extra = last < 60 ? 0 : (BitOperations.Log2((uint)last) / 8) + 1;
        output[at++] = (byte)((extra == 0 ? last : 59 + extra) << 2);
        for (int i = 0; i < extra; i++)
        {
            output[at++] = (byte)(last >> (8 * i));
        }

        bytes.CopyTo(output.AsSpan(at));
        return at + bytes.Length;
    }

    /// <summary>Copies of at most 64 bytes with a two-byte offset.</summary>
    private static int Copy(int offset, int length, byte[] output, int at)
    {
        while (length > 0)
        {
            int part = Math.Min(length, 64);
            output[at++] = (byte)((part - 1) << 2 | 2);
            output[at++] = (byte)offset;
            output[at++] = (byte)(offset >> 8);
            length -= part;
        }

        return at;
    }
}
