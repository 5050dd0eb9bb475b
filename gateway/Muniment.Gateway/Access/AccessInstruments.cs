using System.Diagnostics.Metrics;
using Muniment.Gateway.Hosting;

namespace Muniment.Gateway.Access;

/// <summary>Counts callers that were not let in.</summary>
internal static class AccessInstruments
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Muniment.Gateway.Access";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> RefusedCounter = Meter.CreateCounter<long>("muniment.access.refused", "{request}", "Callers refused, by reason");

    public static void Refused(RefusalKind kind) => RefusedCounter.Add(1, new KeyValuePair<string, object?>("reason", kind.ToString()));
}
