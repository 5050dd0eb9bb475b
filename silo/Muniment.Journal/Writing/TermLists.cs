using System.Buffers.Binary;
using Muniment.Events.Blocks;
using Muniment.Journal.Sealing;

namespace Muniment.Journal.Writing;

/// <summary>The terms of a commit row: for each segment <c>u32BE count ‖ count × 6 bytes</c>, sorted. Not merged, because that would be work on the committing thread.</summary>
internal static class TermLists
{
    public const int TermSizeBytes = 6;

    public static int Size(ReadOnlySpan<Segment> segments)
    {
        int size = 0;
        foreach (Segment segment in segments)
        {
            size += sizeof(uint) + segment.Terms.Length;
        }

        return size;
    }

    public static void Write(ReadOnlySpan<Segment> segments, Span<byte> target)
    {
        foreach (Segment segment in segments)
        {
            BinaryPrimitives.WriteUInt32BigEndian(target, (uint)(segment.Terms.Length / TermSizeBytes));
            segment.Terms.Span.CopyTo(target[sizeof(uint)..]);
            target = target[(sizeof(uint) + segment.Terms.Length)..];
        }
    }

    /// <summary>One list of terms that are sorted already.</summary>
    public static byte[] Of(IReadOnlyCollection<ulong> sorted)
    {
        byte[] list = new byte[sizeof(uint) + (sorted.Count * TermSizeBytes)];
        BinaryPrimitives.WriteUInt32BigEndian(list, (uint)sorted.Count);
        int at = sizeof(uint);
        foreach (ulong term in sorted)
        {
            BinaryPrimitives.WriteUInt16BigEndian(list.AsSpan(at), (ushort)(term >> 32));
            BinaryPrimitives.WriteUInt32BigEndian(list.AsSpan(at + 2), (uint)term);
            at += TermSizeBytes;
        }

        return list;
    }

    /// <summary>True when one of the terms is in one of the lists.</summary>
    public static bool ContainsAny(ReadOnlySpan<byte> lists, ReadOnlySpan<ulong> terms)
    {
        while (lists.Length >= sizeof(uint))
        {
            int length = checked((int)BinaryPrimitives.ReadUInt32BigEndian(lists) * TermSizeBytes);
            ReadOnlySpan<byte> list = lists.Slice(sizeof(uint), length);
            foreach (ulong term in terms)
            {
                if (Contains(list, term))
                {
                    return true;
                }
            }

            lists = lists[(sizeof(uint) + length)..];
        }

        return false;
    }

    /// <summary>Adds every term of the lists to a set.</summary>
    public static void AddTo(ReadOnlySpan<byte> lists, HashSlots terms)
    {
        while (lists.Length >= sizeof(uint))
        {
            int count = checked((int)BinaryPrimitives.ReadUInt32BigEndian(lists));
            lists = lists[sizeof(uint)..];
            for (int i = 0; i < count; i++)
            {
                terms.Add(Read(lists));
                lists = lists[TermSizeBytes..];
            }
        }
    }

    private static bool Contains(ReadOnlySpan<byte> list, ulong term)
    {
        int low = 0;
        int high = (list.Length / TermSizeBytes) - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            ulong found = Read(list[(middle * TermSizeBytes)..]);
            if (found == term)
            {
                return true;
            }

            if (found < term)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return false;
    }

    private static ulong Read(ReadOnlySpan<byte> bytes) => ((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]);
}
