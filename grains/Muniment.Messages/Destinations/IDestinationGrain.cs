using System.Collections.Immutable;
using Orleans.Concurrency;
using Muniment.Messages.Administration;

namespace Muniment.Messages.Destinations;

/// <summary>One destination (key: <c>tenant/id</c>). Owns its plans, position, backoff, pause, dead letters and receipts. Each change comes with the act that it is recorded as, or null for what the platform does by itself.</summary>
[Alias("muniment.destination")]
public interface IDestinationGrain : IGrainWithStringKey
{
    /// <summary>Makes it from its JSON.</summary>
    [Alias("create"), AlwaysInterleave]
    Task<DestinationAnswer> Create(ReadOnlyMemory<byte> json, ActMessage? act);

    /// <summary>Its configuration.</summary>
    [Alias("get"), AlwaysInterleave]
    Task<DestinationAnswer> Get();

    /// <summary>Replaces its configuration; <paramref name="ifMatch"/> is the version the caller knew, or -1.</summary>
    [Alias("configure"), AlwaysInterleave]
    Task<DestinationAnswer> Configure(ReadOnlyMemory<byte> json, int ifMatch, ActMessage? act);

    /// <summary>Removes it; <paramref name="ifMatch"/> is the version the caller knew, or -1.</summary>
    [Alias("delete"), AlwaysInterleave]
    Task<DestinationAnswer> Delete(int ifMatch, ActMessage? act);

    /// <summary>Where it stands.</summary>
    [Alias("status"), AlwaysInterleave]
    Task<DestinationAnswer> GetStatus();

    /// <summary>Tries the connection step by step with a marked event.</summary>
    [Alias("test"), AlwaysInterleave]
    Task<DestinationAnswer> Test();

    /// <summary>Stops delivering until resumed.</summary>
    [Alias("pause"), AlwaysInterleave]
    Task<DestinationAnswer> Pause(ActMessage? act);

    /// <summary>Delivers again, at once.</summary>
    [Alias("resume"), AlwaysInterleave]
    Task<DestinationAnswer> Resume(ActMessage? act);

    /// <summary>Delivers again from a seq.</summary>
    [Alias("rewind"), AlwaysInterleave]
    Task<DestinationAnswer> Rewind(long seq, ActMessage? act);

    /// <summary>A page of dead letters from a seq on.</summary>
    [Alias("dead-letters"), AlwaysInterleave]
    Task<DestinationAnswer> GetDeadLetters(long from, int limit);

    /// <summary>Queues dead letters to be sent again; an empty list means all.</summary>
    [Alias("replay"), AlwaysInterleave]
    Task<DestinationAnswer> Replay(ImmutableArray<long> seqs, ActMessage? act);

    /// <summary>A page of receipts from a number on.</summary>
    [Alias("receipts"), AlwaysInterleave]
    Task<DestinationAnswer> GetReceipts(long from, int limit);

    /// <summary>
    /// The log is to be shortened to begin at a seq. Under <c>on_full: expire</c> what is undelivered before it is left out and told; under <c>hold</c> nothing changes. Answers the
    /// lowest seq that this destination still needs.
    /// </summary>
    [Alias("release"), AlwaysInterleave]
    Task<long> Release(long before);

    /// <summary>There may be news. A lost hint costs latency only.</summary>
    [Alias("wake"), AlwaysInterleave, OneWay]
    Task Wake();
}
