using Muniment.Events;

namespace Muniment.Delivery.Kinds.Sentinel;

/// <summary><c>TimeGenerated</c>: seven digits of a second, which is all that a workspace keeps. What is older than two days, or ahead, gets the time of its arrival there.</summary>
internal static class SentinelTime
{
    /// <summary>Two days, less what a request may take.</summary>
    public static readonly TimeSpan Oldest = TimeSpan.FromDays(2) - TimeSpan.FromMinutes(5);

    private const int Length = 28;

    private static ReadOnlySpan<byte> Head => "{\"TimeGenerated\":\""u8;

    public static string Format(long timeNs) => Timestamps.Format(timeNs)[..(Length - 1)] + "Z";

    /// <summary>Whether the workspace keeps the rendered row's time. A row of a format with columns of its own is taken to be new.</summary>
    public static bool IsKept(ReadOnlySpan<byte> row, DateTimeOffset now) =>
        !row.StartsWith(Head) || !Timestamps.TryParse(row.Slice(Head.Length, Length), out long timeNs)
        || (now - DateTimeOffset.UnixEpoch).TotalSeconds - timeNs / 1e9 <= Oldest.TotalSeconds;
}
