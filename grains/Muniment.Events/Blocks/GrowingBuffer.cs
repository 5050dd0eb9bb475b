using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Muniment.Events.Blocks;

/// <summary>A byte array that grows by doubling and is used again. Owned by one thread at a time.</summary>
internal sealed class GrowingBuffer(int initialSizeBytes)
{
    private byte[] _bytes = new byte[initialSizeBytes];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>What was written, valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>Forgets what was written, and gives a large array back that one unusual request made grow.</summary>
    public void Clear(int keepAtMostSizeBytes)
    {
        Length = 0;
        if (_bytes.Length > keepAtMostSizeBytes)
        {
            _bytes = new byte[initialSizeBytes];
        }
    }

    /// <summary>Room for at least this many more bytes; tell with <see cref="Advance"/> how many were used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Reserve(int sizeBytes)
    {
        if (sizeBytes > _bytes.Length - Length)
        {
            Grow(sizeBytes);
        }

        return _bytes.AsSpan(Length);
    }

    /// <summary>Counts bytes written into reserved room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int sizeBytes) => Length += sizeBytes;

    /// <summary>One byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteByte(byte value)
    {
        Reserve(1)[0] = value;
        Length++;
    }

    /// <summary>Bytes as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Reserve(value.Length));
        Length += value.Length;
    }

    /// <summary>8 bytes, big-endian.</summary>
    public void WriteInt64BigEndian(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(Reserve(8), value);
        Length += 8;
    }

    /// <summary>An unsigned LEB128 number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteVarint(ulong value)
    {
        Span<byte> room = Reserve(Varint.MaxSizeBytes);
        Length += Varint.Write(room, value);
    }

    private void Grow(int sizeBytes)
    {
        long wanted = Math.Max((long)Length + sizeBytes, Math.Min(2L * _bytes.Length, Array.MaxLength));
        Array.Resize(ref _bytes, checked((int)wanted));
    }
}
