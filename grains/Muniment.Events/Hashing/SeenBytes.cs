namespace Muniment.Events.Hashing;

/// <summary>
/// A copy of bytes that were looked at last, to know whether the next ones are the same. A copy, because the memory in which they came may have been given back and hold something else,
/// perhaps another tenant's, by now.
/// </summary>
internal struct SeenBytes
{
    private byte[]? _bytes;
    private int _length;

    /// <summary>What was remembered.</summary>
    public readonly ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    /// <summary>Whether these are the ones; false before any were remembered.</summary>
    public readonly bool Are(ReadOnlySpan<byte> bytes) => _bytes is not null && bytes.SequenceEqual(Span);

    /// <summary>Remembers these instead.</summary>
    public void Remember(ReadOnlySpan<byte> bytes)
    {
        if (_bytes is null || _bytes.Length < bytes.Length)
        {
            _bytes = new byte[bytes.Length];
        }

        bytes.CopyTo(_bytes);
        _length = bytes.Length;
    }
}
