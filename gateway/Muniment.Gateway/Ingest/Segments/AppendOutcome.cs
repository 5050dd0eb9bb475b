using Muniment.Gateway.Hosting;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Ingest.Segments;

/// <summary>What an append means to the client.</summary>
internal static class AppendOutcome
{
    /// <summary>Null when the events are durable (now or before), else the refusal.</summary>
    public static Refusal? RefusalOf(AppendResult result) => result.Status switch
    {
        AppendStatus.Accepted or AppendStatus.Repeated => null,
        AppendStatus.Overloaded => new Refusal(RefusalKind.OverCapacity, result.Detail ?? "the journal's queue is full; send again"),
        AppendStatus.StorageFull => new Refusal(RefusalKind.Unavailable, result.Detail ?? "storage is at its reserve; nothing was stored"),
        AppendStatus.Fenced => new Refusal(RefusalKind.Unavailable, "the journal is moving to another silo; send again"),
        AppendStatus.IdsKnown => new Refusal(RefusalKind.Unavailable, "the same ids are being stored by several requests at once; send again"),
        _ => new Refusal(RefusalKind.Unavailable, result.Detail ?? "storage failed; nothing was acknowledged"),
    };
}
