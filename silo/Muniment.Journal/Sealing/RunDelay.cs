using System.Globalization;

namespace Muniment.Journal.Sealing;

/// <summary>How long the calling thread has been ready to run while no processor was free, since it began; zero where the system does not tell.</summary>
internal static class RunDelay
{
    // Linux, Documentation/scheduler/sched-stats.rst: time on the processor, time waiting to run, both in nanoseconds, and the number of timeslices.
    private const string File = "/proc/thread-self/schedstat";

    public static TimeSpan OfThisThread()
    {
        if (!OperatingSystem.IsLinux())
        {
            return TimeSpan.Zero;
        }

        try
        {
            return Parse(System.IO.File.ReadAllText(File));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return TimeSpan.Zero; // a kernel without it
        }
    }

    internal static TimeSpan Parse(string line) =>
        line.Split(' ') is [_, string waiting, _] && long.TryParse(waiting, NumberStyles.None, CultureInfo.InvariantCulture, out long ns) ? TimeSpan.FromTicks(ns / 100) : TimeSpan.Zero;
}
