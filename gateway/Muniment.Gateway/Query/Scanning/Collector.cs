using System.Collections.Immutable;
using Muniment.Events.Canonical;
using Muniment.Gateway.Access;
using Muniment.Gateway.Query.Filters;
using Muniment.Journal;

namespace Muniment.Gateway.Query.Scanning;

/// <summary>Gathers the events of one session, trace or piece of work, oldest first, within the limits of a scan.</summary>
internal sealed class Collector(EventScanner scanner, TimeProvider time)
{
    /// <summary>Hands every match to <paramref name="take"/>; false when a limit ended the walk.</summary>
    public async Task<bool> WalkAsync(Caller caller, EventFilter filter, Action<CanonicalEvent> take, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        long scanned = 0;
        var request = new ScanRequest(caller.Tenant, filter, EventFilterParser.Sees(caller), SeqRange.All, false);
        await foreach (ScanStep step in scanner.WalkAsync(request, cancellationToken))
        {
            foreach (CanonicalEvent e in step.Matches)
            {
                take(e);
            }

            scanned += step.Block.EndSeq - step.Block.FirstSeq;
            if (scanned >= QueryLimits.MaxScanEvents || time.GetElapsedTime(start).TotalMilliseconds >= QueryLimits.MaxScanMs)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A filter on one field, narrowed to what a bound key may see.</summary>
    public static EventFilter Only(FilterName name, ImmutableArray<string> values, Caller caller)
    {
        var fields = ImmutableArray.CreateBuilder<FieldCondition>();
        fields.Add(new FieldCondition(name, values));
        return EventFilter.All with { Fields = EventFilterParser.Bind(fields, caller).ToImmutable() };
    }
}
