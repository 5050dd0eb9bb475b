using System.Diagnostics.Metrics;

namespace Muniment.Journal.Storage;

/// <summary>Counters of the journal's storage.</summary>
internal static class JournalInstruments
{
    public const string MeterName = "Muniment.Journal";

    private static readonly Meter s_meter = new(MeterName);

    public static readonly Counter<long> Transactions = s_meter.CreateCounter<long>("muniment.journal.transactions", description: "Durable transactions");
    public static readonly Counter<long> Writes = s_meter.CreateCounter<long>("muniment.journal.writes", description: "Work items that were written");
    public static readonly Counter<long> Failed = s_meter.CreateCounter<long>("muniment.journal.writes_failed", description: "Work items undone by their own error");
    public static readonly Counter<long> Refused = s_meter.CreateCounter<long>("muniment.journal.writes_refused", description: "Work items refused because the queue was full");
    public static readonly Counter<long> Full = s_meter.CreateCounter<long>("muniment.journal.writes_no_space", description: "Work items undone because no space was left");
    public static readonly Counter<long> Checkpoints = s_meter.CreateCounter<long>("muniment.journal.checkpoints", description: "Write-ahead log checkpoints");
    public static readonly Counter<long> Events = s_meter.CreateCounter<long>("muniment.journal.events", description: "Events made durable");
    public static readonly Counter<long> Repeats = s_meter.CreateCounter<long>("muniment.journal.repeats", description: "Requests recognised as repeats");
    public static readonly Counter<long> Fenced = s_meter.CreateCounter<long>("muniment.journal.fenced", description: "Commits refused because another writer took over");
    public static readonly Counter<long> Sealed = s_meter.CreateCounter<long>("muniment.journal.sealed_events", description: "Events moved into sealed blocks");
    public static readonly Counter<long> BlocksRead = s_meter.CreateCounter<long>("muniment.journal.blocks_read", description: "Blocks decoded for readers");
    public static readonly Counter<long> BlocksShared = s_meter.CreateCounter<long>("muniment.journal.blocks_shared", description: "Blocks that were at hand and needed no decoding");
    public static readonly Counter<long> BlocksSkipped = s_meter.CreateCounter<long>("muniment.journal.blocks_skipped", description: "Blocks left out by time, term or word");
    public static readonly Histogram<double> CommitMs = s_meter.CreateHistogram<double>("muniment.journal.commit_ms", "ms", "Time from BEGIN to the durable COMMIT");
}
