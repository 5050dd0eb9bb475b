using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Muniment.Journal.Sqlite;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Writing;

/// <summary>The statements of one tenant's group commit, run on the committing thread inside its transaction.</summary>
internal sealed class GroupCommit(StorageKind kind, long tenantNo, JournalHead head, IReadOnlyList<PendingAppend> group, CommitPlan allStored)
{
    /// <summary>The requests that were stored, in seq order; known after <see cref="Run"/>.</summary>
    public IReadOnlyList<PendingAppend> Stored { get; private set; } = [];

    public CommitOutcome Run(DbConnection connection)
    {
        Deduplicator dedup = new(connection, kind, tenantNo);
        CommittedAppend?[] results = new CommittedAppend?[group.Count];
        List<PendingAppend> stored = Decide(dedup, results);
        Stored = stored;
        if (stored.Count == 0)
        {
            Fence(connection, head);
            return new CommitOutcome(CommitStatus.Committed, head, ImmutableArray.Create<CommittedAppend>(results!), null);
        }

        CommitPlan plan = stored.Count == group.Count ? allStored : CommitPlan.Create(head, stored);
        Fence(connection, plan.Head);
        foreach (CommitRow row in plan.Rows)
        {
            row.Insert(connection, tenantNo);
        }

        return new CommitOutcome(CommitStatus.Committed, plan.Head, ImmutableArray.Create<CommittedAppend>(results!), null);
    }

    /// <summary>
    /// Requests are looked at in order and remembered at once, so that the second of two equal ones in a group is seen to be a repeat. Numbers are
    /// given in the same order in which the plan gives them.
    /// </summary>
    private List<PendingAppend> Decide(Deduplicator dedup, CommittedAppend?[] results)
    {
        List<PendingAppend> stored = new(group.Count);
        long seq = head.Size;
        for (int i = 0; i < group.Count; i++)
        {
            PendingAppend request = group[i];
            long receivedNs = request.Segments.IsDefaultOrEmpty ? 0 : request.Segments[0].ReceivedNs;
            results[i] = Known(dedup, request, receivedNs);
            if (results[i] is not null)
            {
                continue;
            }

            long next = seq;
            foreach (Events.Blocks.Segment segment in request.Segments)
            {
                next += segment.Count;
            }

            dedup.Remember(request, receivedNs, seq, next - 1);
            results[i] = new CommittedAppend(CommittedKind.Stored, seq, next - 1, default, []);
            stored.Add(request);
            seq = next;
        }

        return stored;
    }

    private static CommittedAppend? Known(Deduplicator dedup, PendingAppend request, long receivedNs)
    {
        if (SeededBugs.NoDedup)
        {
            return null;
        }

        if (!request.RequestDigest.IsEmpty && dedup.FindRequest(request.RequestDigest, receivedNs) is { } repeated)
        {
            JournalInstruments.Repeats.Add(1);
            return repeated;
        }

        if (!request.Ids.IsDefaultOrEmpty)
        {
            ImmutableArray<(int Index, bool SameContent)> known = dedup.FindIds(request.Ids, receivedNs);
            if (known.Length > 0)
            {
                return new CommittedAppend(CommittedKind.IdsKnown, 0, -1, default, known);
            }
        }

        return null;
    }

    private void Fence(DbConnection connection, JournalHead next)
    {
        const string Sql = "UPDATE tenant_log SET size=@size, peaks=@peaks WHERE tenant_no=@tenantNo AND epoch=@epoch AND size=@seen";
        byte[] peaks = next.Peaks.ToArray();
        int changed = connection is WriterConnection writer
            ? writer.Run(Sql, next.Size, peaks, tenantNo, head.Epoch, head.Size)
            : connection.Execute(Sql, new { size = next.Size, peaks, tenantNo, epoch = head.Epoch, seen = head.Size });
        if (changed != 1)
        {
            throw new FencedException();
        }
    }
}
