using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Sessions;
using Muniment.Journal.Positions;

namespace Muniment.Journal.Sessions;

/// <summary>
/// One version of the projection: reads on from its position, folds, and writes rows and position in one transaction. When that fails or another owner was
/// here, everything in memory is forgotten and read again, so no event counts twice and none is left out. One step at a time.
/// </summary>
internal sealed class SessionTrack(ProjectionId projection, IJournalReader journal, IPositionStore positions, SessionTable table, SessionLimits limits)
{
    private readonly EventReader reader = new(projection.Tenant);
    private Dictionary<string, SessionFold> cache = new(StringComparer.Ordinal);
    private ProjectionPosition? position;

    public ProjectionId Projection => projection;

    public async Task<SessionStep> StepAsync(CancellationToken cancellationToken)
    {
        try
        {
            position ??= await positions.AcquireAsync(projection, cancellationToken);
            long from = position.NextSeq;
            long size = await journal.SizeAsync(projection.Tenant, cancellationToken);
            if (from >= size)
            {
                return new SessionStep(SessionStepOutcome.Idle, from, size, 0);
            }

            var changed = new HashSet<SessionFold>();
            long next = await FoldAsync(new SeqRange(from, Math.Min(size, from + limits.MaxStepEvents)), changed, cancellationToken);
            position = await positions.AdvanceAsync(projection, position, next, table.Replace(projection, changed), cancellationToken);
            if (position is null)
            {
                cache.Clear();
                return new SessionStep(SessionStepOutcome.Overtaken, from, size, 0);
            }

            Trim();
            return new SessionStep(SessionStepOutcome.Advanced, next, size, next - from);
        }
        catch
        {
            // Folds in memory may already hold what was not written.
            position = null;
            cache.Clear();
            throw;
        }
    }

    /// <summary>Folds a range; less of it when its sessions are too many for one transaction. Returns where it ended.</summary>
    private async Task<long> FoldAsync(SeqRange range, HashSet<SessionFold> changed, CancellationToken cancellationToken)
    {
        await foreach (JournalBlock block in journal.ReadAsync(projection.Tenant, range, BlockFilter.None, newestFirst: false, cancellationToken))
        {
            var events = new List<CanonicalEvent>(block.Events.Count);
            var names = new HashSet<string>(changed.Select(fold => fold.Session), StringComparer.Ordinal);
            long end = -1;
            foreach (StoredEvent stored in block.Events)
            {
                CanonicalEvent e = reader.Read(stored);
                if (e.Trace?.Session is not { Length: > 0 } session)
                {
                    continue;
                }

                if (names.Count >= limits.MaxStepSessions && !names.Contains(session))
                {
                    end = e.Seq;
                    break;
                }

                names.Add(session);
                events.Add(e);
            }

            await LoadAsync([.. names.Where(name => !cache.ContainsKey(name))], cancellationToken);
            foreach (CanonicalEvent e in events)
            {
                SessionFold fold = cache[e.Trace!.Session!];
                fold.Add(e);
                changed.Add(fold);
            }

            if (end >= 0)
            {
                return end;
            }
        }

        return range.To;
    }

    private async Task LoadAsync(List<string> names, CancellationToken cancellationToken)
    {
        if (names.Count == 0)
        {
            return;
        }

        foreach (SessionFold fold in await table.FindAsync(projection, names, cancellationToken))
        {
            cache[fold.Session] = fold;
        }

        foreach (string name in names)
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
}
