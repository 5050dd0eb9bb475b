using System.Runtime.CompilerServices;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>Values of one field while a block is being built: numbers, or byte strings.</summary>
internal sealed class Column
{
    private long[] _numbers = new long[64];

    /// <summary>Values so far.</summary>
    public int Count { get; private set; }

    /// <summary>Whether byte strings were added; their lengths are then the numbers.</summary>
    public bool IsBytes { get; private set; }

    /// <summary>Byte strings, one after the other.</summary>
    public GrowingBuffer Content { get; } = new(256);

    /// <summary>The numbers, or the lengths of the byte strings.</summary>
    public ReadOnlySpan<long> Numbers => _numbers.AsSpan(0, Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long value)
    {
        if (Count == _numbers.Length)
        {
            Array.Resize(ref _numbers, 2 * Count);
        }

        _numbers[Count++] = value;
    }

    public void Add(ReadOnlySpan<byte> value)
    {
        IsBytes = true;
        Content.Write(value);
        Add(value.Length);
    }
}
