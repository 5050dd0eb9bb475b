using System.Buffers;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>Arrays that one reading of a block needs and gives back when it is done. Used by one thread at a time.</summary>
internal sealed class Rentals : IDisposable
{
    // Columns of full blocks; the pool's arrays of other lengths would be longer than asked for.
    private const int FullColumn = Segment.MaxEvents;

    private readonly List<byte[]> _bytes = [];
    private readonly List<long[]> _numbers = [];
    private readonly List<int[]> _starts = [];

    /// <summary>At least this many bytes, of any content.</summary>
    public byte[] Bytes(int least)
    {
        byte[] bytes = LargeArrays.Rent(least);
        _bytes.Add(bytes);
        return bytes;
    }

    /// <summary>Exactly this many zeros.</summary>
    public long[] Numbers(int count)
    {
        if (count != FullColumn)
        {
            return new long[count];
        }

        long[] numbers = ArrayPool<long>.Shared.Rent(FullColumn);
        if (numbers.Length != FullColumn)
        {
            ArrayPool<long>.Shared.Return(numbers);
            return new long[count];
        }

        _numbers.Add(numbers);
        Array.Clear(numbers);
        return numbers;
    }

    /// <summary>Exactly this many numbers of any value.</summary>
    public int[] Starts(int count)
    {
        if (count != FullColumn)
        {
            return new int[count];
        }

        int[] starts = ArrayPool<int>.Shared.Rent(FullColumn);
        if (starts.Length != FullColumn)
        {
            ArrayPool<int>.Shared.Return(starts);
            return new int[count];
        }

        _starts.Add(starts);
        return starts;
    }

    /// <summary>Gives everything back; nothing of it may be used any more.</summary>
    public void Dispose()
    {
        _bytes.ForEach(bytes => LargeArrays.Return(bytes));
        _numbers.ForEach(numbers => ArrayPool<long>.Shared.Return(numbers));
        _starts.ForEach(starts => ArrayPool<int>.Shared.Return(starts));
        _bytes.Clear();
        _numbers.Clear();
        _starts.Clear();
    }
}
