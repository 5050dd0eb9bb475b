using Muniment.Events;
using Muniment.Events.Canonical.Sessions;
using Muniment.Journal.Positions;

namespace Muniment.Journal.Sessions;

/// <summary>
/// One version of the projection: reads on from its position, folds, and writes rows and position in one transaction. When that fails or another owner was
/// here, everything in memory is forgotten and read again, so no event counts twice and none is left out. One step at a time.
/// </summary>
internal sealed class SessionTrack(ProjectionId projection, IJournalReader journal, IPositionStore positions, SessionTable table, SessionLimits limits)
{
    private const int ChunkEvents = 256;

    private readonly SessionFactsReader reader = new(projection.Tenant);
    private readonly SessionFacts[] chunk = new SessionFacts[ChunkEvents];
    private readonly HashSet<SessionFold> changed = [];
    private readonly HashSet<string> missing = new(StringComparer.Ordinal);
    private Dictionary<string, SessionFold> cache = new(StringComparer.Ordinal);
    private ProjectionPosition? position;

    public ProjectionId Projection => projection;

    public async Task<SessionStep> StepAsync(CancellationToken cancellationToken)
    {
        changed.Clear();
        try
        {
            position ??= await positions.AcquireAsync(projection, cancellationToken);
            long from = position.NextSeq;
            long size = await journal.SizeAsync(projection.Tenant, cancellationToken);
            if (from >= size)
            {
                return new SessionStep(SessionStepOutcome.Idle, from, size, 0);
            }

            long next = await FoldAsync(new SeqRange(from, size), cancellationToken);
            position = await positions.AdvanceAsync(projection, position, next, table.Replace(projection, changed), cancellationToken);
            if (position is null)
            {
                Forget();
                return new SessionStep(SessionStepOutcome.Overtaken, from, size, 0);
            }

            Trim();
            return new SessionStep(SessionStepOutcome.Advanced, next, size, next - from);
        }
        catch
        {
            // Folds in memory may already hold what was not written.
            position = null;
            Forget();
            throw;
        }
    }

    /// <summary>Folds whole blocks, because each is decoded whole; less when their sessions are too many for one transaction. Returns where it ended.</summary>
    private async Task<long> FoldAsync(SeqRange range, CancellationToken cancellationToken)
    {
        long next;
        await foreach (JournalBlock block in journal.ReadAsync(projection.Tenant, range, BlockFilter.Following, newestFirst: false, cancellationToken))
        {
            next = await FoldAsync(block, cancellationToken);
            if (next < block.EndSeq || next - range.From >= limits.MaxStepEvents)
            {
                return next;
            }
        }

        return range.To;
    }

    /// <summary>Folds a block; where it ended. Unless that is its end, the next step comes back to it, most likely while it is still at hand.</summary>
    private async Task<long> FoldAsync(JournalBlock block, CancellationToken cancellationToken)
    {
        int at = 0;
        while (at < block.Events.Count)
        {
            int end = Read(block.Events, at, Math.Min(block.Events.Count, at + ChunkEvents), out int found);
            await LoadAsync(cancellationToken);
            for (int i = 0; i < found; i++)
            {
                SessionFold fold = cache[chunk[i].Session!];
                fold.Add(chunk[i]);
                changed.Add(fold);
            }

            if (end < block.Events.Count && end < at + ChunkEvents)
            {
                return block.FirstSeq + end;
            }

            at = end;
        }

        return block.EndSeq;
    }

    /// <summary>Reads events into the chunk and the names of their sessions that are not in memory; ends before the session that would be too many.</summary>
    private int Read(IReadOnlyList<StoredEvent> events, int from, int to, out int found)
    {
        found = 0;
        missing.Clear();
        for (int i = from; i < to; i++)
        {
            if (!reader.TryRead(events[i], out chunk[found]))
            {
                continue;
            }

            string session = chunk[found].Session!;
            SessionFold? fold = cache.GetValueOrDefault(session);
            bool isNew = fold is null ? !missing.Contains(session) : !changed.Contains(fold);
            if (isNew && changed.Count + missing.Count >= limits.MaxStepSessions)
            {
                return i;
            }

            found++;
            if (fold is null)
            {
                missing.Add(session);
            }
            else
            {
                changed.Add(fold);
            }
        }

        return to;
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (missing.Count == 0)
        {
            return;
        }

        foreach (SessionFold fold in await table.FindAsync(projection, missing, cancellationToken))
        {
            cache[fold.Session] = fold;
        }

        foreach (string name in missing)
        {
            cache.TryAdd(name, new SessionFold(name));
        }
    }

    private void Trim()
    {
        if (cache.Count > limits.MaxCachedSessions || cache.Values.Sum(fold => (long)fold.Tracked) > limits.MaxCachedTracked)
        {
            cache = cache.OrderByDescending(pair => pair.Value.LastSeq).Take(Math.Min(cache.Count, limits.MaxCachedSessions) / 2).ToDictionary(StringComparer.Ordinal);
        }
    }

    private void Forget() => cache.Clear();
}
