using System.Text;

namespace Muniment.Events.Formats;

/// <summary>Cuts text to a length without leaving half a character.</summary>
internal static class Utf8Cut
{
    /// <summary>The longest beginning that has at most so many bytes of UTF-8.</summary>
    public static ReadOnlySpan<char> ToBytes(ReadOnlySpan<char> text, int maxBytes)
    {
        if (text.Length * 3L <= maxBytes || Encoding.UTF8.GetByteCount(text) <= maxBytes)
        {
            return text;
        }

        int bytes = 0;
        int length = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > maxBytes)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }
}
