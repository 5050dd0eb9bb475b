using System.Buffers.Text;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>How the byte strings of a column are rewritten before they are stored. A column has one form, and only if all its values have it. The numbers are stored.</summary>
internal enum TextForm : byte
{
    /// <summary>As they are.</summary>
    Plain = 0,

    /// <summary>Lower-case hex digits of an even number, stored as bytes.</summary>
    Hex = 1,

    /// <summary>A UUID in lower case with hyphens, stored as 16 bytes in the order of its digits.</summary>
    Uuid = 2,

    /// <summary>A decimal number in its shortest form, stored as an integer of its last digits (parameter: how many digits of it stand behind the point).</summary>
    Decimal = 3,

    /// <summary>An RFC 3339 time in UTC (<c>Z</c>), stored in units of its last digit since 1970 (parameter: digits of the fraction).</summary>
    Time = 4,
}

/// <summary>Recognises and undoes the forms.</summary>
internal static class TextForms
{
    private const int UuidLength = 36;
    private const int MaxDigits = 17;
    private const int MaxScale = 6;

    /// <summary>Which form to try, from one value.</summary>
    public static TextForm Guess(ReadOnlySpan<byte> value)
    {
        if (value.Length == UuidLength && value[8] == '-' && value[13] == '-')
        {
            return TextForm.Uuid;
        }

        if (value.Length is >= 20 and <= 30 && value[10] == 'T' && value[^1] == 'Z')
        {
            return TextForm.Time;
        }

        if (value.Length is > 0 and <= MaxDigits + 2 && value[0] is (>= (byte)'0' and <= (byte)'9') or (byte)'-' && TryDecimal(value, out _, out _))
        {
            return TextForm.Decimal;
        }

        return value.Length >= 8 && (value.Length & 1) == 0 && IsHex(value) ? TextForm.Hex : TextForm.Plain;
    }

    public static bool TryUuid(ReadOnlySpan<byte> text, Span<byte> bytes)
    {
        if (text.Length != UuidLength || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
        {
            return false;
        }

        return TryHex(text[..8], bytes) && TryHex(text[9..13], bytes[4..]) && TryHex(text[14..18], bytes[6..]) && TryHex(text[19..23], bytes[8..]) && TryHex(text[24..], bytes[10..]);
    }

    public static void Uuid(ReadOnlySpan<byte> bytes, Span<byte> text)
    {
        text[8] = text[13] = text[18] = text[23] = (byte)'-';
        Hex(bytes[..4], text);
        Hex(bytes[4..6], text[9..]);
        Hex(bytes[6..8], text[14..]);
        Hex(bytes[8..10], text[19..]);
        Hex(bytes[10..16], text[24..]);
    }

    public static bool TryHex(ReadOnlySpan<byte> text, Span<byte> bytes)
    {
        if ((text.Length & 1) != 0)
        {
            return false;
        }

        int bad = 0;
        for (int i = 0; i < text.Length; i += 2)
        {
            int high = Digit(text[i]), low = Digit(text[i + 1]);
            bad |= high | low;
            bytes[i / 2] = (byte)((high << 4) | low);
        }

        return bad >= 0;
    }

    public static void Hex(ReadOnlySpan<byte> bytes, Span<byte> text)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            text[2 * i] = "0123456789abcdef"u8[bytes[i] >> 4];
            text[(2 * i) + 1] = "0123456789abcdef"u8[bytes[i] & 15];
        }
    }

    /// <summary>Reads a decimal number that is written in its shortest form.</summary>
    public static bool TryDecimal(ReadOnlySpan<byte> text, out long digits, out int scale)
    {
        digits = 0;
        scale = 0;
        int i = text.Length > 0 && text[0] == '-' ? 1 : 0;
        int start = i, point = -1;
        for (; i < text.Length; i++)
        {
            if (text[i] == '.' && point < 0 && i > start)
            {
                point = i;
            }
            else if (text[i] is >= (byte)'0' and <= (byte)'9')
            {
                digits = (digits * 10) + (text[i] - '0');
            }
            else
            {
                return false;
            }
        }

        int count = text.Length - start - (point < 0 ? 0 : 1);
        scale = point < 0 ? 0 : text.Length - point - 1;
        bool leadingZero = text.Length > start + 1 && text[start] == '0' && point != start + 1;
        if (count is 0 or > MaxDigits || leadingZero || scale > MaxScale || (point >= 0 && (scale == 0 || text[^1] == '0')) || (start == 1 && digits == 0))
        {
            return false;
        }

        digits = start == 1 ? -digits : digits;
        return true;
    }

    /// <summary>Writes it again; returns the length.</summary>
    public static int Decimal(long digits, int scale, Span<byte> text)
    {
        int at = 0;
        if (digits < 0)
        {
            text[at++] = (byte)'-';
        }

        ulong magnitude = digits < 0 ? (ulong)-digits : (ulong)digits;
        ulong power = Power(scale);
        Utf8Formatter.TryFormat(magnitude / power, text[at..], out int written);
        at += written;
        ulong fraction = magnitude % power;
        if (fraction > 0)
        {
            text[at++] = (byte)'.';
            for (power /= 10; fraction > 0; power /= 10)
            {
                text[at++] = (byte)('0' + (fraction / power));
                fraction %= power;
            }
        }

        return at;
    }

    public static ulong Power(int exponent)
    {
        ulong power = 1;
        for (; exponent > 0; exponent--)
        {
            power *= 10;
        }

        return power;
    }

    /// <summary>Reads a time; years 1970 to 2199, seconds 0 to 59.</summary>
    public static bool TryTime(ReadOnlySpan<byte> text, out long value, out int scale)
    {
        value = 0;
        scale = text.Length - 21;
        if (text.Length is < 20 or > 30 || text.Length == 21 || text[^1] != 'Z' || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':'
            || (text.Length > 20 && text[19] != '.'))
        {
            return false;
        }

        scale = Math.Max(scale, 0);
        if (!Two(text, 0, out int century) || !Two(text, 2, out int year) || !Two(text, 5, out int month) || !Two(text, 8, out int day) || !Two(text, 11, out int hour)
            || !Two(text, 14, out int minute) || !Two(text, 17, out int second))
        {
            return false;
        }

        year += 100 * century;
        if (year is < 1970 or > 2199 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        value = (new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond;
        for (int i = 0; i < scale; i++)
        {
            int digit = text[20 + i] - '0';
            if ((uint)digit > 9)
            {
                return false;
            }

            value = (value * 10) + digit;
        }

        return true;
    }

    /// <summary>Writes it again; returns the length.</summary>
    public static int Time(long value, int scale, Span<byte> text)
    {
        long power = (long)Power(scale);
        DateTime time = DateTime.UnixEpoch.AddTicks(value / power * TimeSpan.TicksPerSecond);
        long fraction = value % power;
        Put(text, 0, time.Year / 100);
        Put(text, 2, time.Year % 100);
        text[4] = text[7] = (byte)'-';
        Put(text, 5, time.Month);
        Put(text, 8, time.Day);
        text[10] = (byte)'T';
        Put(text, 11, time.Hour);
        text[13] = text[16] = (byte)':';
        Put(text, 14, time.Minute);
        Put(text, 17, time.Second);
        if (scale == 0)
        {
            text[19] = (byte)'Z';
            return 20;
        }

        text[19] = (byte)'.';
        for (int i = scale - 1; i >= 0; i--)
        {
            text[20 + i] = (byte)('0' + (fraction % 10));
            fraction /= 10;
        }

        text[20 + scale] = (byte)'Z';
        return 21 + scale;
    }

    private static bool IsHex(ReadOnlySpan<byte> text)
    {
        foreach (byte c in text)
        {
            if (Digit(c) < 0)
            {
                return false;
            }
        }

        return true;
    }

    private static bool Two(ReadOnlySpan<byte> text, int at, out int value)
    {
        uint tens = text[at] - (uint)'0', ones = text[at + 1] - (uint)'0';
        value = (int)((tens * 10) + ones);
        return tens <= 9 && ones <= 9;
    }

    private static void Put(Span<byte> text, int at, int value)
    {
        text[at] = (byte)('0' + (value / 10));
        text[at + 1] = (byte)('0' + (value % 10));
    }

    private static int Digit(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        _ => -1,
    };
}
