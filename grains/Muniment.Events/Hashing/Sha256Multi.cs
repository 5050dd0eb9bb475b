using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Muniment.Events.Hashing;

/// <summary>
/// SHA-256 of many short independent messages: 16 at once with AVX-512, 8 at once with AVX2, one after another elsewhere. The digests are the ordinary ones.
/// One call of the system's SHA-256 costs about as much set-up as 500 bytes of hashing, which is what a journal entry, a leaf and a tree node are made of.
/// </summary>
public static unsafe class Sha256Multi
{
    /// <summary>Size of a digest in bytes.</summary>
    public const int DigestSizeBytes = 32;

    /// <summary>Longer messages gain nothing from lanes and would leave the others idle: hash them one by one.</summary>
    public const int MaxMessageSizeBytes = 16 * 1024;

    /// <summary>Fewer messages than this are quicker one by one.</summary>
    internal const int MinMessages = 5;

    private const int NodeInputSizeBytes = 65;
    private const int NodePaddedSizeBytes = 128;
    private const int NodesAtOnce = 64;

    /// <summary>Messages that this machine hashes at once; 1 when it has no wide vectors.</summary>
    public static int Lanes => Sha256Lanes16.IsSupported ? Sha256Lanes16.Lanes : Sha256Lanes8.IsSupported ? Sha256Lanes8.Lanes : 1;

    /// <summary>Size of a message with its padding, a multiple of 64.</summary>
    public static int PaddedSize(int lengthBytes) => (lengthBytes + 9 + 63) & ~63;

    /// <summary>Writes SHA-256's padding behind a message. <paramref name="padded"/> has exactly <see cref="PaddedSize"/> bytes and begins with the message.</summary>
    public static void Pad(Span<byte> padded, int lengthBytes)
    {
        padded[lengthBytes..].Clear();
        padded[lengthBytes] = 0x80;
        BinaryPrimitives.WriteUInt64BigEndian(padded[^8..], (ulong)lengthBytes * 8);
    }

    /// <summary>Hashes messages that lie one after the other, each padded (<see cref="Pad"/>).</summary>
    /// <param name="padded">The messages.</param>
    /// <param name="lengths">Length of each without padding, at most <see cref="MaxMessageSizeBytes"/>.</param>
    /// <param name="digests">32 bytes for each, in the same order.</param>
    public static void HashPadded(ReadOnlySpan<byte> padded, ReadOnlySpan<int> lengths, Span<byte> digests) => HashPadded(padded, lengths, digests, Lanes);

    /// <summary>Hashes messages that lie anywhere in a buffer, each padded (<see cref="Pad"/>).</summary>
    /// <param name="buffer">Where they lie.</param>
    /// <param name="starts">Where each begins.</param>
    /// <param name="lengths">Length of each without padding, at most <see cref="MaxMessageSizeBytes"/>.</param>
    /// <param name="digests">32 bytes for each, in the same order.</param>
    internal static void HashPadded(ReadOnlySpan<byte> buffer, ReadOnlySpan<int> starts, ReadOnlySpan<int> lengths, Span<byte> digests)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(starts.Length, lengths.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(digests.Length, lengths.Length * DigestSizeBytes);
        for (int i = 0; i < lengths.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)lengths[i], (uint)MaxMessageSizeBytes);
            _ = buffer.Slice(starts[i], PaddedSize(lengths[i]));
        }

        if (Lanes == 1 || lengths.Length < MinMessages)
        {
            for (int i = 0; i < lengths.Length; i++)
            {
                SHA256.HashData(buffer.Slice(starts[i], lengths[i]), digests.Slice(i * DigestSizeBytes, DigestSizeBytes));
            }

            return;
        }

        fixed (byte* source = buffer)
        fixed (byte* target = digests)
        {
            HashInLanes(source, starts, lengths, target, Lanes);
        }
    }

    /// <summary>Parents of pairs in a Merkle tree (RFC 6962, 2.1): SHA-256(0x01 ‖ left ‖ right).</summary>
    /// <param name="children">Pairs of 32-byte hashes.</param>
    /// <param name="parents">32 bytes for each pair; may begin where <paramref name="children"/> begins.</param>
    public static void HashNodes(ReadOnlySpan<byte> children, Span<byte> parents) => HashNodes(children, parents, Lanes);

    [SkipLocalsInit]
    internal static void HashNodes(ReadOnlySpan<byte> children, Span<byte> parents, int lanes)
    {
        int count = children.Length / 64;
        if (children.Length != count * 64 || parents.Length < count * DigestSizeBytes)
        {
            throw new ArgumentException("pairs of 32-byte hashes are expected, and room for one hash a pair", nameof(children));
        }

        Span<byte> room = stackalloc byte[NodesAtOnce * NodePaddedSizeBytes];
        Span<int> lengths = stackalloc int[NodesAtOnce];
        lengths.Fill(NodeInputSizeBytes);
        for (int i = 0; i < Math.Min(count, NodesAtOnce); i++)
        {
            Span<byte> node = room.Slice(i * NodePaddedSizeBytes, NodePaddedSizeBytes);
            node[0] = 0x01;
            Pad(node, NodeInputSizeBytes);
        }

        for (int done = 0; done < count;)
        {
            int n = Math.Min(NodesAtOnce, count - done);
            for (int i = 0; i < n; i++)
            {
                children.Slice((done + i) * 64, 64).CopyTo(room[((i * NodePaddedSizeBytes) + 1)..]);
            }

            HashPadded(room[..(n * NodePaddedSizeBytes)], lengths[..n], parents.Slice(done * DigestSizeBytes, n * DigestSizeBytes), lanes);
            done += n;
        }
    }

    internal static void HashPadded(ReadOnlySpan<byte> padded, ReadOnlySpan<int> lengths, Span<byte> digests, int lanes)
    {
        long total = 0;
        foreach (int length in lengths)
        {
            if ((uint)length > MaxMessageSizeBytes)
            {
                throw new ArgumentOutOfRangeException(nameof(lengths), length, $"expected 0 to {MaxMessageSizeBytes}");
            }

            total += PaddedSize(length);
        }

        if (total != padded.Length || digests.Length < lengths.Length * DigestSizeBytes)
        {
            throw new ArgumentException("messages and lengths do not fit together, or too little room for the digests", nameof(padded));
        }

        if (lanes == 1 || lengths.Length < MinMessages)
        {
            HashOneByOne(padded, lengths, digests);
            return;
        }

        fixed (byte* source = padded)
        fixed (byte* target = digests)
        {
            HashInLanes(source, [], lengths, target, lanes);
        }
    }

    private static void HashOneByOne(ReadOnlySpan<byte> padded, ReadOnlySpan<int> lengths, Span<byte> digests)
    {
        int at = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            SHA256.HashData(padded.Slice(at, lengths[i]), digests.Slice(i * DigestSizeBytes, DigestSizeBytes));
            at += PaddedSize(lengths[i]);
        }
    }

    // Messages lie one after the other unless starts are given. Each lane takes the next message as soon as it has finished one, so lengths may differ. A lane without work repeats another lane's block.
    [SkipLocalsInit]
    private static void HashInLanes(byte* source, ReadOnlySpan<int> starts, ReadOnlySpan<int> lengths, byte* digests, int lanes)
    {
        uint* state = stackalloc uint[8 * Sha256Lanes16.Lanes];
        byte** blocks = stackalloc byte*[Sha256Lanes16.Lanes];
        int* left = stackalloc int[Sha256Lanes16.Lanes];
        int* owner = stackalloc int[Sha256Lanes16.Lanes];
        byte* next = source;
        int taken = 0, active = 0, spare = 0;
        for (int lane = 0; lane < lanes; lane++)
        {
            left[lane] = 0;
            owner[lane] = -1;
        }

        do
        {
            active = 0;
            int step = int.MaxValue;
            for (int lane = 0; lane < lanes; lane++)
            {
                if (left[lane] == 0)
                {
                    if (owner[lane] >= 0)
                    {
                        WriteDigest(state + lane, lanes, digests + (owner[lane] * DigestSizeBytes));
                        owner[lane] = -1;
                    }

                    if (taken == lengths.Length)
                    {
                        continue;
                    }

                    int padded = PaddedSize(lengths[taken]);
                    left[lane] = padded / Sha256Constants.BlockSizeBytes;
                    blocks[lane] = starts.IsEmpty ? next : source + starts[taken];
                    owner[lane] = taken++;
                    next += padded;
                    for (int i = 0; i < 8; i++)
                    {
                        state[(i * lanes) + lane] = Sha256Constants.Initial[i];
                    }
                }

                active++;
                spare = lane;
                step = Math.Min(step, left[lane]);
            }

            if (active == 0)
            {
                return;
            }

            for (int lane = 0; lane < lanes; lane++)
            {
                if (owner[lane] < 0)
                {
                    blocks[lane] = blocks[spare];
                }
                else
                {
                    left[lane] -= step;
                }
            }

            if (lanes == Sha256Lanes16.Lanes)
            {
                Sha256Lanes16.Compress(state, blocks, step);
            }
            else
            {
                Sha256Lanes8.Compress(state, blocks, step);
            }
        }
        while (active > 0);
    }

    private static void WriteDigest(uint* state, int lanes, byte* digest)
    {
        for (int i = 0; i < 8; i++)
        {
            Unsafe.WriteUnaligned(digest + (4 * i), BinaryPrimitives.ReverseEndianness(state[i * lanes]));
        }
    }
}
