using Muniment.Events.Blocks;
using System.Buffers;

namespace Muniment.Delivery.Batches;

/// <summary>A growing buffer of pooled memory. One writer; after <see cref="Dispose"/> its memory belongs to others.</summary>
public sealed class BatchBuffer(int capacity = 64 * 1024) : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes = LargeArrays.Rent(capacity);

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that it holds, written or not.</summary>
    public int CapacityBytes => _bytes.Length;

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>Forgets what was written after this length.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Length);
        Length = length;
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - Length));
        Length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _bytes.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _bytes.AsSpan(Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        byte[] bytes = _bytes;
        _bytes = [];
        Length = 0;
        if (bytes.Length > 0)
        {
            LargeArrays.Return(bytes);
        }
    }

    private void Grow(int sizeHint)
    {
        sizeHint = Math.Max(sizeHint, 256);
        if (_bytes.Length - Length >= sizeHint)
        {
            return;
        }

        byte[] larger = LargeArrays.Rent(Math.Max(_bytes.Length * 2, Length + sizeHint));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        if (_bytes.Length > 0)
        {
            LargeArrays.Return(_bytes);
        }

        _bytes = larger;
    }
}
