namespace Muniment.Policy.Redaction;

/// <summary>A growing row of characters from which some can be dropped at the front.</summary>
internal sealed class CharBuffer
{
    private char[] _chars = [];
    private int _start;

    /// <summary>Characters in it.</summary>
    public int Length { get; private set; }

    /// <summary>Those characters.</summary>
    public ReadOnlySpan<char> Span => _chars.AsSpan(_start, Length);

    /// <summary>Adds at the end.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        Reserve(text.Length);
        text.CopyTo(_chars.AsSpan(_start + Length));
        Length += text.Length;
    }

    /// <summary>Adds one at the end.</summary>
    public void Append(char c)
    {
        Reserve(1);
        _chars[_start + Length++] = c;
    }

    /// <summary>Adds one at the end several times.</summary>
    public void Append(char c, int count)
    {
        Reserve(count);
        _chars.AsSpan(_start + Length, count).Fill(c);
        Length += count;
    }

    /// <summary>Drops the first ones.</summary>
    public void Drop(int count)
    {
        Length -= count;
        _start = Length == 0 ? 0 : _start + count;
    }

    /// <summary>Keeps only the first ones.</summary>
    public void Cut(int length) => Length = length;

    /// <summary>Empties it, keeps its memory.</summary>
    public void Clear() => (_start, Length) = (0, 0);

    private void Reserve(int more)
    {
        if (_start + Length + more <= _chars.Length)
        {
            return;
        }

        char[] target = Length + more <= _chars.Length ? _chars : new char[Math.Max(256, Math.Max(Length + more, _chars.Length * 2))];
        Array.Copy(_chars, _start, target, 0, Length);
        (_chars, _start) = (target, 0);
    }
}
