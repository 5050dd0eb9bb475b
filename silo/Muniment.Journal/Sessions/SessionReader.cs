using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Muniment.Events;
using Muniment.Events.Canonical.Sessions;
using Muniment.Events.Keys;
using Muniment.Events.Terms;
using Muniment.Journal.Positions;

namespace Muniment.Journal.Sessions;

/// <summary>
/// Reads sessions: rows, and the events that no step has folded yet on top of them, so that what was answered is readable. An event counts when its seq is above the row's
/// last one; therefore rows and position need not be of the same moment. Thread-safe.
/// </summary>
public sealed class SessionReader(IJournalReader journal, IPositionStore positions, SessionTable table, ITenantKeyring keyring, SessionLimits limits, TimeProvider time)
{
    /// <summary>Tries before a page is given as it is although a rebuild was switched on beneath it.</summary>
    private const int MaxTries = 3;

    private static readonly Counter<long> Unfinished =
        SessionProjection.Meter.CreateCounter<long>("muniment.sessions.follow_unfinished", description: "Questions for one session that ended at the limit of time.");

    /// <summary>At most <paramref name="limit"/> sessions whose last event lies before <paramref name="before"/>, newest first.</summary>
    public Task<SessionList> ListAsync(TenantId tenant, SessionFilter filter, long before, int limit, CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            for (int attempt = 1; ; attempt++)
            {
                ProjectionId live = await LiveAsync(tenant, cancellationToken);
                SessionList list = await ListAsync(live, filter, before, limit, cancellationToken);
                if (attempt == MaxTries || await LiveAsync(tenant, cancellationToken) == live)
                {
                    return list;
                }
            }
        },
        cancellationToken);

    /// <summary>
    /// Adds what a session's fold has not seen, from <paramref name="from"/> to the end of the log. Reads only blocks that may hold the session, at least one and then for at most
    /// <see cref="SessionLimits.MaxFollowMs"/>; where that was too short, the next call goes on from <see cref="SessionFollowed.NextSeq"/>.
    /// </summary>
    public Task<SessionFollowed> FollowAsync(TenantId tenant, SessionFold fold, long from, CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            long start = time.GetTimestamp();
            ulong term = new TermHasher(keyring.Current(tenant)).Hash(TermField.Session, Encoding.UTF8.GetBytes(fold.Session));
            long size = await journal.SizeAsync(tenant, cancellationToken);
            await foreach (Walked block in WalkAsync(tenant, new SeqRange(from, size), BlockFilter.None with { Terms = [[term]] }, cancellationToken))
            {
                foreach (ref readonly SessionFacts e in CollectionsMarshal.AsSpan(block.Facts))
                {
                    if (e.Session == fold.Session && e.Seq > fold.LastSeq)
                    {
                        fold.Add(e);
                    }
                }

                if (block.EndSeq < size && time.GetElapsedTime(start).TotalMilliseconds >= limits.MaxFollowMs)
                {
                    Unfinished.Add(1);
                    return new SessionFollowed(block.EndSeq, IsComplete: false);
                }
            }

            return new SessionFollowed(size, IsComplete: true);
        },
        cancellationToken);

    /// <summary>The stored fold of a session and up to where it counts; an empty one from 0 on when nothing was folded.</summary>
    public async Task<(SessionFold Fold, long NextSeq)> FindAsync(TenantId tenant, string session, CancellationToken cancellationToken)
    {
        ProjectionId live = await LiveAsync(tenant, cancellationToken);
        long nextSeq = await NextSeqAsync(live, cancellationToken);
        List<SessionFold> found = await table.FindAsync(live, [session], cancellationToken);
        if (found.Count == 1)
        {
            return (found[0], nextSeq);
        }

        // Its row may have been dropped since with its version; then the log tells all of it from its beginning.
        return (new SessionFold(session), await LiveAsync(tenant, cancellationToken) == live ? nextSeq : 0);
    }

    private async Task<SessionList> ListAsync(ProjectionId live, SessionFilter filter, long before, int limit, CancellationToken cancellationToken)
    {
        long nextSeq = await NextSeqAsync(live, cancellationToken);
        long size = await journal.SizeAsync(live.Tenant, cancellationToken);
        long low = Math.Max(nextSeq, size - limits.MaxTailEvents);
        Dictionary<string, SessionFold> tail = await TailAsync(live, new SeqRange(low, size), cancellationToken);
        List<SessionFold> wanted = [.. tail.Values.Where(fold => fold.LastSeq < before && filter.Matches(fold))];
        int rowsWanted = limit;
        for (long at = before; rowsWanted > 0;)
        {
            (List<SessionFold> folds, long next) = await table.PageAsync(live, filter, at, limit, cancellationToken);
            if (next < 0)
            {
                break;
            }

            foreach (SessionFold fold in folds.Where(fold => !tail.ContainsKey(fold.Session) && filter.Matches(fold)).Take(rowsWanted))
            {
                wanted.Add(fold);
                rowsWanted--;
            }

            at = next;
        }

        return new SessionList([.. wanted.OrderByDescending(fold => fold.LastSeq).Take(limit)], low > nextSeq ? low : 0);
    }

    /// <summary>The sessions that the tail touches: their rows with the tail's events added.</summary>
    private async Task<Dictionary<string, SessionFold>> TailAsync(ProjectionId live, SeqRange range, CancellationToken cancellationToken)
    {
        var folds = new Dictionary<string, SessionFold>(StringComparer.Ordinal);
        await foreach (Walked block in WalkAsync(live.Tenant, range, BlockFilter.None, cancellationToken))
        {
            string[] names = [.. block.Facts.Select(e => e.Session!).Distinct(StringComparer.Ordinal).Where(name => !folds.ContainsKey(name))];
            foreach (SessionFold fold in await table.FindAsync(live, names, cancellationToken))
            {
                folds.Add(fold.Session, fold);
            }

            foreach (ref readonly SessionFacts e in CollectionsMarshal.AsSpan(block.Facts))
            {
                if (!folds.TryGetValue(e.Session!, out SessionFold? fold))
                {
                    folds[e.Session!] = fold = new SessionFold(e.Session!);
                }

                if (e.Seq > fold.LastSeq)
                {
                    fold.Add(e);
                }
            }
        }

        return folds;
    }

    /// <summary>What the events of sessions tell, block by block, each time in the same list.</summary>
    private async IAsyncEnumerable<Walked> WalkAsync(TenantId tenant, SeqRange range, BlockFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (range.From >= range.To)
        {
            yield break;
        }

        var reader = new SessionFactsReader(tenant);
        var facts = new List<SessionFacts>();
        await foreach (JournalBlock block in journal.ReadAsync(tenant, range, filter, newestFirst: false, cancellationToken))
        {
            facts.Clear();
            foreach (StoredEvent stored in block.Events)
            {
                if (reader.TryRead(stored, out SessionFacts e))
                {
                    facts.Add(e);
                }
            }

            yield return new Walked(facts, block.EndSeq);
        }
    }

    /// <summary>The live version; the first one when there is none yet, which has no rows.</summary>
    private async Task<ProjectionId> LiveAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        int version = await positions.GetLiveVersionAsync(SessionProjection.Name, tenant, cancellationToken);
        return new ProjectionId(SessionProjection.Name, version == 0 ? SessionProjection.FirstVersion : version, tenant);
    }

    /// <summary>Up to where the rows of a version count; 0 when other code made them, which this one cannot read.</summary>
    private async Task<long> NextSeqAsync(ProjectionId live, CancellationToken cancellationToken) =>
        SessionProjection.IsReadable(live.Version) ? (await positions.GetAsync(live, cancellationToken)).NextSeq : 0;

    private readonly record struct Walked(List<SessionFacts> Facts, long EndSeq);
}

/// <summary>How far a session was followed.</summary>
/// <param name="NextSeq">First seq that was not looked at.</param>
/// <param name="IsComplete">Whether that is the end of the log; otherwise the limit of time ended it.</param>
public readonly record struct SessionFollowed(long NextSeq, bool IsComplete);

/// <summary>A page of sessions.</summary>
/// <param name="Sessions">Newest first.</param>
/// <param name="FoldedFrom">Events from here on are counted; 0 when all are.</param>
public sealed record SessionList(ImmutableArray<SessionFold> Sessions, long FoldedFrom);
