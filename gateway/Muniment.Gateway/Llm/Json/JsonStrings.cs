using System.Buffers;
using System.Globalization;
using System.Text;

namespace Muniment.Gateway.Llm.Json;

/// <summary>
/// Decodes and encodes JSON strings (RFC 8259, 7) without loss: half surrogate pairs, which clients send when they cut text in the middle of an emoji, survive both ways.
/// </summary>
internal static class JsonStrings
{
    private const string Hex = "0123456789abcdef";

    private static readonly SearchValues<char> NeedsEscape = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\', .. Enumerable.Range(0xD800, 0x800).Select(c => (char)c)]);

    /// <summary>Decodes what stands between the quotes. The bytes were checked by a JSON reader before.</summary>
    public static string Decode(ReadOnlySpan<byte> raw, bool escaped)
    {
        string text = Encoding.UTF8.GetString(raw);
        if (!escaped)
        {
            return text;
        }

        var decoded = new StringBuilder(text.Length);
        ReadOnlySpan<char> rest = text;
        for (int backslash; (backslash = rest.IndexOf('\\')) >= 0;)
        {
            decoded.Append(rest[..backslash]);
            char escape = rest[backslash + 1];
            rest = rest[(backslash + 2)..];
            if (escape is 'u')
            {
                decoded.Append((char)ushort.Parse(rest[..4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                rest = rest[4..];
            }
            else
            {
                decoded.Append(escape switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', _ => escape });
            }
        }

        return decoded.Append(rest).ToString();
    }

    /// <summary>Writes a string with quotes: only what must be escaped is.</summary>
    public static void Encode(ReadOnlySpan<char> text, IBufferWriter<byte> output)
    {
        Span<byte> quote = output.GetSpan(1);
        quote[0] = (byte)'"';
        output.Advance(1);
        EncodeInner(text, output);
        output.GetSpan(1)[0] = (byte)'"';
        output.Advance(1);
    }

    /// <summary>Writes a string without quotes.</summary>
    public static void EncodeInner(ReadOnlySpan<char> text, IBufferWriter<byte> output)
    {
        while (!text.IsEmpty)
        {
            int special = text.IndexOfAny(NeedsEscape);
            ReadOnlySpan<char> plain = special < 0 ? text : text[..special];
            if (!plain.IsEmpty)
            {
                Encoding.UTF8.GetBytes(plain, output);
                text = text[plain.Length..];
            }

            if (special >= 0)
            {
                text = text[EncodeOne(text, output)..];
            }
        }
    }

    private static int EncodeOne(ReadOnlySpan<char> text, IBufferWriter<byte> output)
    {
        char c = text[0];
        if (char.IsHighSurrogate(c) && text.Length > 1 && char.IsLowSurrogate(text[1]))
        {
            Encoding.UTF8.GetBytes(text[..2], output);
            return 2;
        }

        char letter = c switch { '"' => '"', '\\' => '\\', '\b' => 'b', '\f' => 'f', '\n' => 'n', '\r' => 'r', '\t' => 't', _ => 'u' };
        Span<byte> span = output.GetSpan(6);
        span[0] = (byte)'\\';
        span[1] = (byte)letter;
        if (letter is not 'u')
        {
            output.Advance(2);
            return 1;
        }

        for (int digit = 0; digit < 4; digit++)
        {
            span[2 + digit] = (byte)Hex[(c >> (12 - (4 * digit))) & 0xF];
        }

        output.Advance(6);
        return 1;
    }
}
