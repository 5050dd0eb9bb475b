using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Sessions;
using Muniment.Gateway.Query.Filters;
using Muniment.Gateway.Query.Scanning;
using Muniment.Journal;

namespace Muniment.Gateway.Query.Sessions;

/// <summary>
/// Sessions folded in memory, rebuilt after a start. Each question first takes in what was appended since, then goes further back for as long as a scan may
/// take, so the newest sessions are right at once and older ones follow; the answer says how far back it reaches. At most
/// <see cref="QueryLimits.MaxSessionsPerTenant"/> sessions a tenant: beyond them the oldest are let go and nothing older is looked for. Folds of a tenant are
/// read and written under its gate only.
/// </summary>
internal sealed class FoldingSessionDirectory(EventScanner scanner, TimeProvider time) : ISessionDirectory, IDisposable
{
    private static readonly Meter Meter = new("Muniment.Gateway.Query");
    private static readonly Counter<long> Dropped = Meter.CreateCounter<long>("muniment.query.sessions_dropped", description: "Sessions let go because a tenant has too many.");
    private readonly ConcurrentDictionary<TenantId, TenantSessions> tenants = new();

    /// <inheritdoc/>
    public async ValueTask<SessionPage> ListAsync(TenantId tenant, Func<SessionFold, bool> filter, long before, int limit, CancellationToken cancellationToken)
    {
        TenantSessions sessions = tenants.GetOrAdd(tenant, static _ => new TenantSessions());
        await sessions.Gate.WaitAsync(cancellationToken);
        try
        {
            await CatchUpAsync(tenant, sessions, cancellationToken);
            ImmutableArray<SessionFold> page = [.. sessions.Folds.Values.Where(f => f.LastSeq < before && filter(f)).OrderByDescending(f => f.LastSeq).Take(limit).Select(f => f.Snapshot())];
            return new SessionPage(page, sessions.Low);
        }
        finally
        {
            sessions.Gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (TenantSessions sessions in tenants.Values)
        {
            sessions.Gate.Dispose();
        }
    }

    private async Task CatchUpAsync(TenantId tenant, TenantSessions sessions, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        long size = await scanner.SizeAsync(tenant, cancellationToken);
        if (sessions.High < 0)
        {
            (sessions.Low, sessions.High) = (size, size);
        }

        await FoldAsync(tenant, sessions, new SeqRange(sessions.High, size), false, start, cancellationToken);
        if (sessions.High >= size && !sessions.IsFull)
        {
            await FoldAsync(tenant, sessions, new SeqRange(0, sessions.Low), true, start, cancellationToken);
        }
    }

    private async Task FoldAsync(TenantId tenant, TenantSessions sessions, SeqRange range, bool newestFirst, long start, CancellationToken cancellationToken)
    {
        if (range.From >= range.To)
        {
            return;
        }

        await foreach (ScanStep step in scanner.WalkAsync(new ScanRequest(tenant, EventFilter.All, true, range, newestFirst), cancellationToken))
        {
            foreach (CanonicalEvent e in step.Matches)
            {
                if (e.Trace?.Session is { Length: > 0 } session)
                {
                    sessions.Add(session, e, mayEvict: !newestFirst);
                }
            }

            if (newestFirst)
            {
                sessions.Low = step.After(true);
            }
            else
            {
                sessions.High = step.After(false);
            }

            if (time.GetElapsedTime(start).TotalMilliseconds >= QueryLimits.MaxScanMs || (newestFirst && sessions.IsFull))
            {
                return;
            }
        }
    }

    private sealed class TenantSessions
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public Dictionary<string, SessionFold> Folds { get; } = new(StringComparer.Ordinal);

        /// <summary>Events from here on are folded.</summary>
        public long Low { get; set; }

        /// <summary>Up to here; -1 before the first question.</summary>
        public long High { get; set; } = -1;

        /// <summary>Whether going further back would only push out newer ones.</summary>
        public bool IsFull { get; private set; }

        public void Add(string session, CanonicalEvent e, bool mayEvict)
        {
            if (!Folds.TryGetValue(session, out SessionFold? fold))
            {
                if (Folds.Count >= QueryLimits.MaxSessionsPerTenant && !mayEvict)
                {
                    IsFull = true;
                    return;
                }

                if (Folds.Count >= QueryLimits.MaxSessionsPerTenant)
                {
                    Evict();
                }

                Folds[session] = fold = new SessionFold(session);
            }

            fold.Add(e);
        }

        /// <summary>A sixteenth at once, so that the sort is paid for by many.</summary>
        private void Evict()
        {
            IsFull = true;
            foreach (SessionFold fold in Folds.Values.OrderBy(f => f.LastSeq).Take(QueryLimits.MaxSessionsPerTenant / 16).ToList())
            {
                Folds.Remove(fold.Session);
                Dropped.Add(1);
            }
        }
    }
}
