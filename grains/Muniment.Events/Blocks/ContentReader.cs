using System.Buffers.Binary;

namespace Muniment.Events.Blocks;

/// <summary>Walks over decoded content; every failure names its place.</summary>
internal ref struct ContentReader(ReadOnlyMemory<byte> content, long blockSeq)
{
    private readonly ReadOnlySpan<byte> _span = content.Span;
    private int _at;

    /// <summary>Whether everything was read.</summary>
    public readonly bool AtEnd => _at == _span.Length;

    /// <summary>8 bytes, big-endian.</summary>
    public long ReadInt64()
    {
        if (_span.Length - _at < 8)
        {
            throw Fail("8 more bytes expected");
        }

        _at += 8;
        return BinaryPrimitives.ReadInt64BigEndian(_span[(_at - 8)..]);
    }

    /// <summary>One byte.</summary>
    public byte ReadByte() => _at < _span.Length ? _span[_at++] : throw Fail("one more byte expected");

    /// <summary>A length and that many bytes.</summary>
    public ReadOnlyMemory<byte> ReadBytes()
    {
        if (!Varint.TryRead(_span, ref _at, out ulong length) || length > (ulong)(_span.Length - _at))
        {
            throw Fail("a length within the content expected");
        }

        _at += (int)length;
        return content.Slice(_at - (int)length, (int)length);
    }

    /// <summary>An index into values read before.</summary>
    public T ReadFrom<T>(List<T> values)
    {
        if (!Varint.TryRead(_span, ref _at, out ulong index) || index >= (ulong)values.Count)
        {
            throw Fail($"an index below {values.Count} expected");
        }

        return values[(int)index];
    }

    /// <summary>An exception that names this place.</summary>
    public readonly JournalCorruptException Fail(string detail) => new(JournalFault.Content, blockSeq, _at, "in the decoded content: " + detail);
}
