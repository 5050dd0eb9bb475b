using System.Buffers.Text;
using System.Globalization;

namespace Muniment.Events.Otlp.Json;

/// <summary>Numbers and escapes as OTLP/JSON senders write them. Nothing here goes through a double unless the field is one.</summary>
internal static class JsonScalars
{
    /// <summary>An integer from its digits, exact to 64 bits; <c>1e3</c> and <c>1.0</c> are integers too, as in proto3 JSON.</summary>
    public static bool TryInteger(ReadOnlySpan<byte> text, out Int128 value)
    {
        value = 0;
        if (text.IsEmpty || text[0] is not ((byte)'-' or (>= (byte)'0' and <= (byte)'9')))
        {
            return false;
        }

        if (Utf8Parser.TryParse(text, out long small, out int consumed) && consumed == text.Length)
        {
            value = small;
            return true;
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out decimal wide) || decimal.Truncate(wide) != wide)
        {
            return false;
        }

        value = (Int128)wide;
        return true;
    }

    /// <summary>A double from a number, or from the string of one; only the three names may be not finite.</summary>
    public static bool TryDouble(ReadOnlySpan<byte> text, bool isString, out double value)
    {
        if (isString && (text.SequenceEqual("NaN"u8) || text.SequenceEqual("Infinity"u8) || text.SequenceEqual("-Infinity"u8)))
        {
            value = text[0] == 'N' ? double.NaN : text[0] == 'I' ? double.PositiveInfinity : double.NegativeInfinity;
            return true;
        }

        value = 0;
        return !text.IsEmpty && text[0] is (byte)'-' or (>= (byte)'0' and <= (byte)'9')
            && Utf8Parser.TryParse(text, out value, out int consumed) && consumed == text.Length && double.IsFinite(value);
    }

    /// <summary>Base64, standard or url-safe, padded or not; -1 when it is none.</summary>
    public static int DecodeBase64(ReadOnlySpan<byte> text, Span<byte> target)
    {
        Span<byte> padded = text.Length <= 1024 ? stackalloc byte[1028] : new byte[text.Length + 4];
        int length = 0;
        foreach (byte c in text)
        {
            padded[length++] = c switch
            {
                (byte)'-' => (byte)'+',
                (byte)'_' => (byte)'/',
                _ => c,
            };
        }

        while (length % 4 != 0 && length < text.Length + 3)
        {
            padded[length++] = (byte)'=';
        }

        return Base64.DecodeFromUtf8(padded[..length], target, out _, out int written) == System.Buffers.OperationStatus.Done ? written : -1;
    }

    /// <summary>
    /// Whether an escaped JSON string (quotes off, well formed) has a lone surrogate such as <c>\ud800</c>, which no UTF-8 can hold. The reader itself lets
    /// it pass and throws only when the text is taken.
    /// </summary>
    public static bool HasLoneSurrogate(ReadOnlySpan<byte> escaped)
    {
        int high = -1;
        for (int i = 0; i < escaped.Length; i++)
        {
            int code = -1, at = i;
            if (escaped[i] == '\\')
            {
                i++;
                if (escaped[i] == 'u')
                {
                    Utf8Parser.TryParse(escaped.Slice(i + 1, 4), out code, out _, 'x');
                    i += 4;
                }
            }

            bool isLow = code is >= 0xdc00 and <= 0xdfff;
            if (isLow != (high >= 0 && high == at))
            {
                return true;
            }

            high = code is >= 0xd800 and <= 0xdbff ? i + 1 : -1;
        }

        return high >= 0;
    }
}
