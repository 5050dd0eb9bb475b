using System.Diagnostics.Metrics;
using Muniment.Journal;
using Muniment.Messages.Journal;

namespace Muniment.Grains.Journal;

/// <summary>Meter <c>Muniment.Journal.Sequencer</c>: groups, requests, events, refusals.</summary>
public sealed class JournalInstruments : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Muniment.Journal.Sequencer";

    private readonly Meter meter = new(MeterName);
    private readonly Counter<long> groups;
    private readonly Counter<long> requests;
    private readonly Counter<long> events;
    private readonly Counter<long> refused;
    private readonly Counter<long> slowed;
    private readonly Histogram<double> slowedMs;

    /// <summary>Makes the instruments.</summary>
    public JournalInstruments()
    {
        groups = meter.CreateCounter<long>("muniment.journal.groups", description: "Group commits made durable.");
        requests = meter.CreateCounter<long>("muniment.journal.requests", description: "Requests answered by commits, by what happened to them.");
        events = meter.CreateCounter<long>("muniment.journal.events", description: "Events made durable.");
        refused = meter.CreateCounter<long>("muniment.journal.refused", description: "Requests refused, by reason.");
        slowed = meter.CreateCounter<long>("muniment.journal.slowed", description: "Group commits that were held back because too much was not sealed.");
        slowedMs = meter.CreateHistogram<double>("muniment.journal.slowed_ms", "ms", "How long they were held back.");
    }

    internal Meter Meter => meter;

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    internal void Committed(int requestCount, CommitOutcome outcome)
    {
        groups.Add(1);
        long stored = 0;
        int storedRequests = 0;
        foreach (CommittedAppend result in outcome.Results)
        {
            if (result.Kind == CommittedKind.Stored)
            {
                storedRequests++;
                stored += result.LastSeq - result.FirstSeq + 1;
            }
        }

        events.Add(stored);
        requests.Add(storedRequests, new KeyValuePair<string, object?>("outcome", "stored"));
        if (requestCount > storedRequests)
        {
            requests.Add(requestCount - storedRequests, new KeyValuePair<string, object?>("outcome", "known"));
        }
    }

    internal void Slowed(TimeSpan held)
    {
        slowed.Add(1);
        slowedMs.Record(held.TotalMilliseconds);
    }

    internal void Refused(AppendStatus status, int count = 1) => refused.Add(count, new KeyValuePair<string, object?>("reason", status.ToString()));
}
