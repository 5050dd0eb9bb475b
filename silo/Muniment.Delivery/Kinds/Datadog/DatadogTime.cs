using System.Buffers;
using System.Buffers.Text;

namespace Muniment.Delivery.Kinds.Datadog;

/// <summary>
/// Datadog takes times of the last 18 hours. An older one with its time could be lost after a 202, so it goes without <c>timestamp</c>, which makes Datadog use the time of
/// arrival; its own time stays in <c>event.ts</c>. The same for times more than two hours ahead.
/// </summary>
internal static class DatadogTime
{
    /// <summary>18 hours, less what a request may take.</summary>
    public static readonly TimeSpan Oldest = TimeSpan.FromHours(18) - TimeSpan.FromMinutes(5);

    /// <summary>Two hours, less a little.</summary>
    public static readonly TimeSpan Newest = TimeSpan.FromHours(2) - TimeSpan.FromMinutes(5);

    private static ReadOnlySpan<byte> Head => "{\"timestamp\":"u8;

    /// <summary>Opens the object with its first member.</summary>
    public static void Write(long timeNs, IBufferWriter<byte> output)
    {
        output.Write(Head);
        Marks.WriteNumber(Math.Max(0, timeNs / 1_000_000), output);
        output.Write(","u8);
    }

    /// <summary>Whether the rendered log's time is within the window; <paramref name="rest"/> is what follows that member.</summary>
    public static bool IsWithin(ReadOnlySpan<byte> log, DateTimeOffset now, out ReadOnlySpan<byte> rest)
    {
        Utf8Parser.TryParse(log[Head.Length..], out long milliseconds, out int digits);
        rest = log[(Head.Length + digits + 1)..];
        double age = (now - DateTimeOffset.UnixEpoch).TotalMilliseconds - milliseconds;
        return age <= Oldest.TotalMilliseconds && age >= -Newest.TotalMilliseconds;
    }
}
