using System.Diagnostics.Metrics;

namespace Orleans.Local.Silos;

/// <summary>What the stand-in counts. The meter and the first two names are those of Microsoft Orleans.</summary>
internal static class Instruments
{
    private static readonly Meter Meter = new("Microsoft.Orleans");

    /// <summary>Living activations.</summary>
    public static readonly UpDownCounter<int> Activations = Meter.CreateUpDownCounter<int>("orleans-catalog-activations");

    /// <summary>Calls whose caller stopped waiting.</summary>
    public static readonly Counter<long> TimedOut = Meter.CreateCounter<long>("orleans-app-requests-timedout");

    /// <summary>Calls refused because an activation had as many as its limit allows.</summary>
    public static readonly Counter<long> Refused = Meter.CreateCounter<long>("orleans-local-requests-refused");
}
