using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Muniment.Gateway.Query;

/// <summary>
/// Where a timeline goes on: after the items before <paramref name="TimeNs"/> and the first <paramref name="Given"/> at it. A timeline is ordered by <c>ts</c>, so what comes in later with an
/// older <c>ts</c> is not in the pages that follow.
/// </summary>
internal readonly record struct TimelineCursor(long TimeNs, int Given)
{
    private const byte Version = 2;
    private const int SizeBytes = 17;

    /// <summary>Writes it for a question.</summary>
    public string Write(uint question)
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], TimeNs);
        BinaryPrimitives.WriteInt32BigEndian(bytes[9..], Given);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[13..], question);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads one; false when it is none, or one of another question.</summary>
    public static bool TryRead(string text, uint question, [NotNullWhen(true)] out TimelineCursor? cursor)
    {
        cursor = null;
        Span<byte> bytes = stackalloc byte[64];
        if (text.Length > 64 || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out int length) || length != SizeBytes || bytes[0] != Version
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[13..]) != question || BinaryPrimitives.ReadInt32BigEndian(bytes[9..]) is not (>= 0 and int given))
        {
            return false;
        }

        cursor = new TimelineCursor(BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), given);
        return true;
    }

    /// <summary>A page of times in order: where it begins, where it ends, and where the next one goes on; null when it is the last.</summary>
    public static (int From, int To, TimelineCursor? Next) Page(IReadOnlyList<long> times, TimelineCursor? after, int limit)
    {
        int from = 0;
        if (after is { } cursor)
        {
            while (from < times.Count && times[from] < cursor.TimeNs)
            {
                from++;
            }

            for (int given = cursor.Given; given > 0 && from < times.Count && times[from] == cursor.TimeNs; given--)
            {
                from++;
            }
        }

        int to = Math.Min(times.Count, from + limit);
        if (to == times.Count)
        {
            return (from, to, null);
        }

        int same = 0;
        for (int i = to - 1; i >= 0 && times[i] == times[to - 1]; i--)
        {
            same++;
        }

        return (from, to, new TimelineCursor(times[to - 1], same));
    }
}
