using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace Muniment.Events.Otlp.Wire;

/// <summary>
/// Writes protobuf into one growing buffer. The length of a nested message is not known before it is written: one byte is kept free for it, and content
/// of 128 bytes or more is moved up by the bytes that its length needs in addition. Reusable; not for several threads. A pooled one must be disposed, and
/// then nothing of <see cref="Written"/> may be kept.
/// </summary>
internal sealed class ProtoWriter : IBufferWriter<byte>, IDisposable
{
    private const int MinCapacity = 16;
    private readonly bool _pooled;
    private byte[] _buffer;

    public ProtoWriter(int capacity = 1024, bool pooled = false)
    {
        _pooled = pooled;
        _buffer = pooled ? ArrayPool<byte>.Shared.Rent(Math.Max(capacity, MinCapacity)) : new byte[Math.Max(capacity, MinCapacity)];
    }

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, Length);

    public static int VarintSize(ulong value) => ((BitOperations.Log2(value | 1) * 9) + 73) / 64;

    public void Clear() => Length = 0;

    public void Truncate(int length) => Length = length;

    public void Tag(int number, int wireType) => Varint(((uint)number << 3) | (uint)wireType);

    public void Varint(ulong value)
    {
        Span<byte> target = Need(10);
        int size = 0;
        while (value >= 0x80)
        {
            target[size++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[size++] = (byte)value;
        Length += size;
    }

    public void Fixed64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Need(8), value);
        Length += 8;
    }

    public void Fixed32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Need(4), value);
        Length += 4;
    }

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Need(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Tag, length and content of a string or bytes field.</summary>
    public void Bytes(int number, ReadOnlySpan<byte> bytes)
    {
        Tag(number, ProtoCursor.Len);
        Varint((ulong)bytes.Length);
        Raw(bytes);
    }

    /// <summary>Begins a nested message; hand the result to <see cref="End"/>.</summary>
    public int Begin(int number)
    {
        Tag(number, ProtoCursor.Len);
        return BeginContent();
    }

    /// <summary>Keeps a byte free for a length whose tag was written already.</summary>
    public int BeginContent()
    {
        Need(1)[0] = 0;
        Length++;
        return Length;
    }

    public void End(int start)
    {
        int size = Length - start;
        int more = VarintSize((ulong)size) - 1;
        if (more > 0)
        {
            Need(more);
            _buffer.AsSpan(start, size).CopyTo(_buffer.AsSpan(start + more));
        }

        Length = start - 1;
        Varint((ulong)size);
        Length += size;
    }

    void IBufferWriter<byte>.Advance(int count) => Length += count;

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        Need(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(Length);
    }

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => Need(Math.Max(sizeHint, 1));

    /// <summary>Free room of at least <paramref name="size"/> bytes at the end.</summary>
    public Span<byte> Need(int size)
    {
        if (_buffer.Length - Length < size)
        {
            Grow(checked(Length + size));
        }

        return _buffer.AsSpan(Length);
    }

    public void Advance(int count) => Length += count;

    public void Dispose()
    {
        if (_pooled)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private void Grow(int needed)
    {
        // All of the old bytes move, also those behind Length: End() writes a length before content that already lies there.
        int capacity = (int)Math.Min(Math.Max(_buffer.Length * 2L, needed), Array.MaxLength);
        byte[] larger = _pooled ? ArrayPool<byte>.Shared.Rent(capacity) : new byte[capacity];
        _buffer.CopyTo(larger, 0);
        if (_pooled)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = larger;
    }
}
