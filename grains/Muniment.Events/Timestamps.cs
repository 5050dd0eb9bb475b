namespace Muniment.Events;

/// <summary>
/// RFC 3339 times with nanoseconds as Unix ns, without allocation. Reads <c>2026-01-02T03:04:05[.1 to .123456789](Z|+hh:mm)</c>, also lower-case
/// <c>t</c>, <c>z</c> and a blank for <c>T</c> (RFC 3339 5.6); a leap second counts as the second after. Writes UTC with nine digits and <c>Z</c>.
/// Range: 1970-01-01 to 2262-04-11, what a signed 64-bit count of ns holds.
/// </summary>
public static class Timestamps
{
    /// <summary>Length of what <see cref="Format(long, Span{byte})"/> writes.</summary>
    public const int SizeBytes = 30;

    /// <summary>Ends the sentence "expected …".</summary>
    public const string Expected = "an RFC 3339 time from 1970 to 2262 with at most 9 fraction digits, such as 2026-01-02T03:04:05.123456789Z";

    private const long NsPerSecond = 1_000_000_000;

    /// <summary>Reads a time; false when it breaks the format or the range.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long unixNs)
    {
        unixNs = 0;
        if (text.Length is < 20 or > 40 || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ')
            || text[13] != ':' || text[16] != ':'
            || !TryDigits(text[..4], out int year) || !TryDigits(text.Slice(5, 2), out int month) || !TryDigits(text.Slice(8, 2), out int day)
            || !TryDigits(text.Slice(11, 2), out int hour) || !TryDigits(text.Slice(14, 2), out int minute) || !TryDigits(text.Slice(17, 2), out int second))
        {
            return false;
        }

        if (year is < 1969 or > 2262 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[19..];
        long fraction = 0;
        if (rest[0] == '.')
        {
            int digits = 0;
            while (digits + 1 < rest.Length && rest[digits + 1] is >= (byte)'0' and <= (byte)'9')
            {
                digits++;
            }

            if (digits is 0 or > 9 || !TryDigits(rest.Slice(1, digits), out int value))
            {
                return false;
            }

            fraction = value;
            for (int i = digits; i < 9; i++)
            {
                fraction *= 10;
            }

            rest = rest[(digits + 1)..];
        }

        if (!TryOffset(rest, out int offsetMinutes))
        {
            return false;
        }

        long seconds = ((new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Utc).Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond)
            + second - (offsetMinutes * 60L);
        if (seconds < 0 || seconds > (long.MaxValue / NsPerSecond) - 1)
        {
            return false;
        }

        unixNs = (seconds * NsPerSecond) + fraction;
        return true;
    }

    /// <summary>Reads a time from text; false when it breaks the format or the range.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long unixNs)
    {
        unixNs = 0;
        Span<byte> utf8 = stackalloc byte[40];
        if (text.Length > utf8.Length)
        {
            return false;
        }

        for (int i = 0; i < text.Length; i++)
        {
            utf8[i] = text[i] < 128 ? (byte)text[i] : (byte)'?';
        }

        return TryParse(utf8[..text.Length], out unixNs);
    }

    /// <summary>Writes <see cref="SizeBytes"/> bytes and returns them.</summary>
    public static ReadOnlySpan<byte> Format(long unixNs, Span<byte> destination)
    {
        (long seconds, long fraction) = Math.DivRem(unixNs, NsPerSecond);
        if (fraction < 0)
        {
            (seconds, fraction) = (seconds - 1, fraction + NsPerSecond);
        }

        DateTime time = DateTime.UnixEpoch.AddTicks(seconds * TimeSpan.TicksPerSecond);
        Put(destination, 0, 4, time.Year);
        Put(destination, 5, 2, time.Month);
        Put(destination, 8, 2, time.Day);
        Put(destination, 11, 2, time.Hour);
        Put(destination, 14, 2, time.Minute);
        Put(destination, 17, 2, time.Second);
        Put(destination, 20, 9, (int)fraction);
        (destination[4], destination[7], destination[10]) = ((byte)'-', (byte)'-', (byte)'T');
        (destination[13], destination[16], destination[19], destination[29]) = ((byte)':', (byte)':', (byte)'.', (byte)'Z');
        return destination[..SizeBytes];
    }

    /// <summary>The same as a string.</summary>
    public static string Format(long unixNs) => string.Create(SizeBytes, unixNs, static (chars, ns) =>
    {
        Span<byte> utf8 = stackalloc byte[SizeBytes];
        System.Text.Encoding.ASCII.GetChars(Format(ns, utf8), chars);
    });

    private static bool TryOffset(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.Length == 1)
        {
            return text[0] is (byte)'Z' or (byte)'z';
        }

        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':'
            || !TryDigits(text.Slice(1, 2), out int hours) || !TryDigits(text.Slice(4, 2), out minutes) || hours > 23 || minutes > 59)
        {
            return false;
        }

        minutes += hours * 60;
        minutes = text[0] == '-' ? -minutes : minutes;
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (byte c in text)
        {
            if (c is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            value = (value * 10) + (c - '0');
        }

        return true;
    }

    private static void Put(Span<byte> destination, int at, int digits, int value)
    {
        for (int i = at + digits - 1; i >= at; i--)
        {
            (value, int digit) = Math.DivRem(value, 10);
            destination[i] = (byte)('0' + digit);
        }
    }
}
