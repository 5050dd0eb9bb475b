using System.Numerics;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>
/// A stream of numbers in a frame: <c>u8 mode</c>, then by mode. 0 values and 1 differences: <c>[1: zigzag varint first value] ‖ zigzag varint least ‖ u8 width ‖ width planes</c>, where
/// plane j holds byte j (lowest first) of every number less the least. 2 function: <c>varint stream ‖ stream of results</c>, indexed by an earlier stream's values.
/// 3 offset: <c>varint stream ‖ stream to add</c>. Earlier streams are counted within the frame from 0, in the order in which they were finished. All arithmetic wraps.
/// </summary>
internal static class NumberCodec
{
    private const byte Values = 0;
    private const byte Differences = 1;
    private const byte Function = 2;
    private const byte Offset = 3;

    /// <summary>Earlier streams that are tried as a source, newest first.</summary>
    private const int MaxSources = 12;

    /// <summary>Writes a stream and remembers it for later ones: the numbers must not change until the block is built.</summary>
    public static void Write(GrowingBuffer target, ReadOnlyMemory<long> stream, List<ReadOnlyMemory<long>> streams, Scratch scratch)
    {
        ReadOnlySpan<long> values = stream.Span;
        (long least, int width) = Width(values, 0);
        if (width == 0 || values.Length < 16 || !(TryFunction(target, values, streams, scratch) || TryOffset(target, values, streams, scratch)))
        {
            WritePlanes(target, values, least, width);
        }

        streams.Add(stream);
    }

    /// <summary>Reads a stream of <paramref name="count"/> numbers.</summary>
    public static long[] Read(ref FrameReader reader, int count, List<long[]> streams)
    {
        byte mode = reader.ReadByte();
        long[] values;
        if (mode is Function or Offset)
        {
            int at = reader.ReadCount();
            long[] source = at < streams.Count ? streams[at] : throw reader.Fail($"stream {at} is not there yet");
            long[] operand = Read(ref reader, mode == Offset ? count : reader.ReadCount(), streams);
            values = reader.Rentals.Numbers(count);
            for (int i = 0; i < count; i++)
            {
                values[i] = mode == Offset ? source[i] + operand[i] : operand[source[i]];
            }
        }
        else if (mode is Values or Differences)
        {
            values = ReadPlanes(ref reader, mode == Differences, count);
        }
        else
        {
            throw reader.Fail($"number mode {mode} is unknown");
        }

        streams.Add(values);
        return values;
    }

    private static void WritePlanes(GrowingBuffer target, ReadOnlySpan<long> values, long least, int width)
    {
        (long leastStep, int stepWidth) = width <= 1 ? (0, 8) : Width(values, 1);
        if (stepWidth < width)
        {
            target.WriteByte(Differences);
            target.WriteVarint(Varint.ZigZag(values[0]));
            Planes(target, values, 1, leastStep, stepWidth);
        }
        else
        {
            target.WriteByte(Values);
            Planes(target, values, 0, least, width);
        }
    }

    private static void Planes(GrowingBuffer target, ReadOnlySpan<long> values, int step, long least, int width)
    {
        target.WriteVarint(Varint.ZigZag(least));
        target.WriteByte((byte)width);
        int count = values.Length - step;
        for (int plane = 0; plane < width; plane++)
        {
            BytePlanes.Write(values, step, least, plane, target.Reserve(count)[..count]);
            target.Advance(count);
        }
    }

    private static long[] ReadPlanes(ref FrameReader reader, bool differences, int count)
    {
        long[] values = reader.Rentals.Numbers(count);
        int first = 0;
        if (differences)
        {
            if (count == 0)
            {
                throw reader.Fail("differences of nothing");
            }

            values[0] = reader.ReadSigned();
            first = 1;
        }

        long least = reader.ReadSigned();
        int width = reader.ReadByte();
        if (width > 8)
        {
            throw reader.Fail($"{width} planes");
        }

        Span<long> target = values.AsSpan(first);
        for (int plane = 0; plane < width; plane++)
        {
            BytePlanes.Read(reader.ReadSpan(target.Length), plane, target);
        }

        if (differences)
        {
            for (int i = 1; i < values.Length; i++)
            {
                values[i] += values[i - 1] + least;
            }
        }
        else if (least != 0)
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] += least;
            }
        }

        return values;
    }

    // Least number (or difference) and the bytes that the distance to the greatest takes.
    private static (long Least, int Width) Width(ReadOnlySpan<long> values, int step)
    {
        if (values.Length <= step)
        {
            return (0, 0);
        }

        (long least, long greatest) = BytePlanes.Range(values, step);
        return (least, (64 - BitOperations.LeadingZeroCount((ulong)(greatest - least)) + 7) / 8);
    }

    // Where each value of an earlier stream always goes with the same value of this one, that table is all there is to store.
    private static bool TryFunction(GrowingBuffer target, ReadOnlySpan<long> values, List<ReadOnlyMemory<long>> streams, Scratch scratch)
    {
        int limit = values.Length / 2;
        Span<long> table = scratch.Table(limit);
        for (int at = streams.Count - 1; at >= Math.Max(0, streams.Count - MaxSources); at--)
        {
            ReadOnlySpan<long> source = streams[at].Span;
            if (source.Length != values.Length || source[0] != 0)
            {
                continue;
            }

            int size = 0;
            bool holds = true;
            for (int i = 0; i < source.Length && holds; i++)
            {
                // A dictionary's index grows by at most one, so that the table fills in order.
                long key = source[i];
                if (key == size && size < limit)
                {
                    table[size++] = values[i];
                }
                else
                {
                    holds = key >= 0 && key < size && table[(int)key] == values[i];
                }
            }

            if (holds)
            {
                target.WriteByte(Function);
                target.WriteVarint((ulong)at);
                target.WriteVarint((ulong)size);
                Memory<long> results = scratch.Numbers.Take(size);
                table[..size].CopyTo(results.Span);
                Write(target, results, streams, scratch);
                return true;
            }
        }

        return false;
    }

    private static bool TryOffset(GrowingBuffer target, ReadOnlySpan<long> values, List<ReadOnlyMemory<long>> streams, Scratch scratch)
    {
        for (int at = streams.Count - 1; at >= Math.Max(0, streams.Count - MaxSources); at--)
        {
            ReadOnlySpan<long> source = streams[at].Span;
            long offset = source.Length == values.Length ? values[0] - source[0] : 0;
            bool holds = source.Length == values.Length;
            for (int i = 1; i < source.Length && holds; i++)
            {
                holds = values[i] - source[i] == offset;
            }

            if (holds)
            {
                target.WriteByte(Offset);
                target.WriteVarint((ulong)at);
                Memory<long> same = scratch.Numbers.Take(values.Length);
                same.Span.Fill(offset);
                Write(target, same, streams, scratch);
                return true;
            }
        }

        return false;
    }
}
