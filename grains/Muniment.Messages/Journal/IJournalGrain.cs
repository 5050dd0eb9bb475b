using Orleans.Concurrency;

namespace Muniment.Messages.Journal;

/// <summary>The one sequencer of a tenant (key: the tenant). Owns appending: numbering, group commit, sealing.</summary>
[Alias("muniment.journal")]
public interface IJournalGrain : IGrainWithStringKey
{
    /// <summary>
    /// Makes one request's events durable. When the task completes with <see cref="AppendStatus.Accepted"/> they are on disk and numbered consecutively.
    /// A timeout says nothing about the outcome; repeating the same request is safe.
    /// </summary>
    [Alias("append"), AlwaysInterleave]
    Task<AppendResult> Append(AppendRequest request);

    /// <summary>Size, epoch and backlog of this tenant's log.</summary>
    [Alias("status"), AlwaysInterleave]
    Task<JournalStatus> GetStatus();
}
