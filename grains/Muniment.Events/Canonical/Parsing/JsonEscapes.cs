using System.Buffers.Text;

namespace Muniment.Events.Canonical.Parsing;

/// <summary>Checks what <c>Utf8JsonReader</c> does not: that surrogate escapes stand in pairs. Without it unescaping throws, later and elsewhere.</summary>
internal static class JsonEscapes
{
    /// <summary>Whether every <c>\uD800</c> to <c>\uDFFF</c> of a raw JSON string is half of a pair. <paramref name="raw"/> is known to be syntactically valid.</summary>
    public static bool ArePaired(ReadOnlySpan<byte> raw)
    {
        int at = 0;
        while (true)
        {
            int next = raw[at..].IndexOf((byte)'\\');
            if (next < 0)
            {
                return true;
            }

            at += next;
            if (raw[at + 1] != 'u')
            {
                at += 2;
                continue;
            }

            int unit = Hex(raw[(at + 2)..]);
            at += 6;
            if (unit is >= 0xDC00 and <= 0xDFFF)
            {
                return false;
            }

            if (unit is >= 0xD800 and <= 0xDBFF)
            {
                if (at + 6 > raw.Length || raw[at] != '\\' || raw[at + 1] != 'u' || Hex(raw[(at + 2)..]) is not (>= 0xDC00 and <= 0xDFFF))
                {
                    return false;
                }

                at += 6;
            }
        }
    }

    private static int Hex(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text[..4], out int value, out int used, 'x') && used == 4 ? value : 0xDFFF;
}
