using Muniment.Events.Blocks;

namespace Muniment.Gateway.Ingest.Bodies;

/// <summary>A growing byte buffer on rented arrays. One owner; nothing may be read after <see cref="Dispose"/>.</summary>
internal sealed class PooledBuffer(int capacity) : IDisposable
{
    private byte[] _array = LargeArrays.Rent(Math.Max(capacity, 256));

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that fit before the next growth.</summary>
    public int Capacity => _array.Length;

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => _array.AsMemory(0, Length);

    /// <summary>Room for at least <paramref name="sizeHint"/> bytes.</summary>
    public Memory<byte> Free(int sizeHint)
    {
        if (_array.Length - Length < sizeHint)
        {
            byte[] larger = LargeArrays.Rent(Math.Max(Length + sizeHint, (int)Math.Min(_array.Length * 2L, Array.MaxLength)));
            _array.AsSpan(0, Length).CopyTo(larger);
            LargeArrays.Return(_array);
            _array = larger;
        }

        return _array.AsMemory(Length);
    }

    /// <summary>Counts bytes that were written into <see cref="Free"/>.</summary>
    public void Advance(int count) => Length += count;

    /// <summary>Copies bytes to the end.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Free(bytes.Length).Span);
        Length += bytes.Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        LargeArrays.Return(_array);
        _array = [];
        Length = 0;
    }
}
