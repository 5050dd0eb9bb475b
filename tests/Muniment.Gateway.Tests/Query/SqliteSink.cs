using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Gateway.Ingest;
using Muniment.Journal;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Tests.Query;

/// <summary>Appends to the real journal without grains in between.</summary>
internal sealed class SqliteSink(JournalStore store) : IEventSink, IDisposable
{
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly Dictionary<TenantId, JournalHead> heads = [];

    public async Task<AppendResult> AppendAsync(TenantId tenant, ImmutableArray<Segment> segments, ReadOnlyMemory<byte> requestDigest, ImmutableArray<EventIdMessage> ids,
        ReadOnlyMemory<byte> answer, bool priority, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (!heads.TryGetValue(tenant, out JournalHead? head))
            {
                head = await store.Writer.AcquireAsync(tenant, cancellationToken);
            }

            CommitOutcome outcome = await store.Writer.CommitAsync(head, [new PendingAppend(segments, default, [], answer)], cancellationToken);
            Assert.Equal(CommitStatus.Committed, outcome.Status);
            heads[tenant] = outcome.Head;
            return new AppendResult(AppendStatus.Accepted, outcome.Results[0].FirstSeq, outcome.Results[0].LastSeq, default, [], null);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Seals what is ripe; returns how far the log is sealed.</summary>
    public async Task<long> SealAsync(TenantId tenant) => await store.Writer.SealAsync(heads[tenant], CancellationToken.None);

    public void Dispose() => gate.Dispose();
}
