using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Muniment.Events;
using Muniment.Journal.Reading;
using Muniment.Journal.Sealing;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Writing;

/// <summary>
/// Appends, on either database. The fence is one statement: <c>UPDATE tenant_log … WHERE epoch AND size</c>; when it changes no row, another writer was
/// here and the whole commit is undone.
/// </summary>
internal sealed class JournalWriter(IStateDatabase database, TenantNumbers tenants, BlockSealer sealer, RecentLeaves leaves) : IJournalWriter
{
    public async ValueTask<JournalHead> AcquireAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        HeadRow row = await database.WriteAsync(connection => Acquire(connection, tenant), cancellationToken: cancellationToken);
        return new JournalHead(tenant, row.Epoch, row.Size, ImmutableArray.Create(row.Peaks));
    }

    public async ValueTask<CommitOutcome> CommitAsync(JournalHead head, IReadOnlyList<PendingAppend> group, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(group);
        if (group.Count == 0)
        {
            return new CommitOutcome(CommitStatus.Committed, head, [], null);
        }

        try
        {
            long tenantNo = await tenants.FindAsync(head.Tenant, cancellationToken)
                ?? throw new InvalidOperationException($"the log of tenant '{head.Tenant}' was never acquired");
            // Made here, on the caller's thread, under the usual assumption that nothing is a repeat; the committing thread then only inserts.
            CommitPlan plan = CommitPlan.Create(head, group);
            GroupCommit commit = new(database.Kind, tenantNo, head, group, plan);
            CommitOutcome outcome = await database.WriteAsync(commit.Run, group.Sum(request => request.SizeBytes), WriteClass.Foreground, cancellationToken);
            JournalInstruments.Events.Add(outcome.Head.Size - head.Size);
            leaves.Add(tenantNo, head.Size, commit.Stored.SelectMany(request => request.Segments));
            return outcome;
        }
        catch (FencedException)
        {
            JournalInstruments.Fenced.Add(1);
            return Not(CommitStatus.Fenced, head, $"another writer took over the log of tenant '{head.Tenant}' from epoch {head.Epoch}");
        }
        catch (StorageBusyException error)
        {
            return SeededBugs.DropOnFullQueue
                ? new CommitOutcome(CommitStatus.Committed, head, [.. group.Select(_ => new CommittedAppend(CommittedKind.Stored, head.Size, head.Size, default, []))], null)
                : Not(CommitStatus.Busy, head, error.Message);
        }
        catch (StorageFullException error)
        {
            return Not(CommitStatus.Full, head, error.Message);
        }
        catch (StorageFailedException error)
        {
            return Not(CommitStatus.Failed, head, error.Message);
        }
    }

    public ValueTask<long> SealAsync(JournalHead head, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(head);
        return sealer.SealAsync(head, cancellationToken);
    }

    private static HeadRow Acquire(DbConnection connection, TenantId tenant)
    {
        TenantNumbers.Ensure(connection, tenant);
        HeadRow row = connection.QuerySingle<HeadRow>(
            "UPDATE tenant_log SET epoch=epoch+1 WHERE tenant=@Value RETURNING epoch AS Epoch, size AS Size, peaks AS Peaks", new { tenant.Value });
        if (SeededBugs.ReuseSeqAfterCrash && row.Size > 0)
        {
            byte[] peaks = row.Peaks;
            Array.Resize(ref peaks, System.Numerics.BitOperations.PopCount((ulong)row.Size - 1) * 32);
            row = row with { Size = row.Size - 1, Peaks = peaks };
            connection.Execute("UPDATE tenant_log SET size=@Size, peaks=@Peaks WHERE tenant=@Value", new { row.Size, row.Peaks, tenant.Value });
        }

        Failpoints.Pass(Failpoints.Acquire);
        return row;
    }

    private static CommitOutcome Not(CommitStatus status, JournalHead head, string detail) => new(status, head, [], detail);

    private sealed record HeadRow(long Epoch, long Size, byte[] Peaks);
}
