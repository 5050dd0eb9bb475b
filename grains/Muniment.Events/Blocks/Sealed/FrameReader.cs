namespace Muniment.Events.Blocks.Sealed;

/// <summary>Walks over a decoded frame; every failure names its place.</summary>
internal ref struct FrameReader(ReadOnlyMemory<byte> content, long blockSeq, Rentals rentals)
{
    private readonly ReadOnlySpan<byte> _content = content.Span;
    private int _at;

    /// <summary>Where arrays come from that are needed as long as the block is read.</summary>
    public readonly Rentals Rentals => rentals;

    public readonly bool AtEnd => _at == _content.Length;

    public readonly byte PeekByte() => _at < _content.Length ? _content[_at] : throw Fail("one more byte expected");

    public byte ReadByte() => _at < _content.Length ? _content[_at++] : throw Fail("one more byte expected");

    public ulong ReadVarint() => Varint.TryRead(_content, ref _at, out ulong value) ? value : throw Fail("a number expected");

    public long ReadSigned() => Varint.UnZigZag(ReadVarint());

    /// <summary>A number of things; there cannot be more than a decoded block has bytes.</summary>
    public int ReadCount()
    {
        ulong value = ReadVarint();
        return value <= SealedHeader.MaxRawLength ? (int)value : throw Fail($"a count of {value}");
    }

    public ReadOnlySpan<byte> ReadSpan(int length)
    {
        if ((uint)length > (uint)(_content.Length - _at))
        {
            throw Fail($"{length} more bytes expected");
        }

        _at += length;
        return _content.Slice(_at - length, length);
    }

    /// <summary>The same, as memory of the frame.</summary>
    public ReadOnlyMemory<byte> ReadMemory(int length)
    {
        ReadSpan(length);
        return content.Slice(_at - length, length);
    }

    public readonly JournalCorruptException Fail(string detail) => new(JournalFault.Content, blockSeq, _at, "in a decoded frame: " + detail);
}
