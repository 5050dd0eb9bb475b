using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Muniment.Events;
using Muniment.Gateway.Hosting;

namespace Muniment.Gateway.Query.Scanning;

/// <summary>How many scans and tails of a tenant run at once; beyond it 429. Thread-safe.</summary>
internal sealed class ScanGate
{
    private static readonly Meter Meter = new("Muniment.Gateway.Query");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>("muniment.query.refused", description: "Reads refused because too many ran at once.");
    private readonly ConcurrentDictionary<TenantId, Counters> tenants = new();

    /// <summary>Takes a place for a scan or an export; null when there is none.</summary>
    public IDisposable? TryScan(TenantId tenant) => tenants.GetOrAdd(tenant, static _ => new Counters()).Scans.TryTake();

    /// <summary>Takes a place for a tail; null when there is none.</summary>
    public IDisposable? TryTail(TenantId tenant) => tenants.GetOrAdd(tenant, static _ => new Counters()).Tails.TryTake();

    /// <summary>The answer when there is none.</summary>
    public static Refusal Full(string what, int limit)
    {
        Refused.Add(1);
        return new Refusal(RefusalKind.OverCapacity, $"{limit} {what} of this tenant run already");
    }

    private sealed class Counters
    {
        public Places Scans { get; } = new(QueryLimits.MaxScansPerTenant);

        public Places Tails { get; } = new(QueryLimits.MaxTailsPerTenant);
    }

    private sealed class Places(int limit)
    {
        private int taken;

        public IDisposable? TryTake()
        {
            if (Interlocked.Increment(ref taken) <= limit)
            {
                return new Place(this);
            }

            Interlocked.Decrement(ref taken);
            return null;
        }

        private sealed class Place(Places owner) : IDisposable
        {
            private int released;

            public void Dispose()
            {
                if (Interlocked.Exchange(ref released, 1) == 0)
                {
                    Interlocked.Decrement(ref owner.taken);
                }
            }
        }
    }
}
