using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Muniment.Events;
using Muniment.Journal;
using Muniment.Journal.Storage;
using Muniment.Silo;

namespace Muniment.Cluster.Tests.Platform;

/// <summary>A journal over SQLite in a folder of its own, with the tables of all grains, that any number of silos in this process share.</summary>
public sealed class PlatformStore : IAsyncDisposable
{
    private PlatformStore(string directory, JournalStore journal) => (Folder, Journal, Commits) = (directory, journal, new RecordingWriter(journal.Writer));

    public string Folder { get; }

    public JournalStore Journal { get; }

    /// <summary>The writer that the silos get: the journal's own, and it notes which epoch wrote what.</summary>
    public RecordingWriter Commits { get; }

    public static async Task<PlatformStore> OpenAsync()
    {
        string directory = Path.Combine(Path.GetTempPath(), "muniment-platform-" + Guid.NewGuid().ToString("N"));
        JournalStore journal = await JournalStore.OpenAsync(new JournalOptions { DataDirectory = directory, LowWaterBytes = 0, ReserveBytes = 0 }, new NoFailure(), NullLoggerFactory.Instance);
        await MunimentSilo.MigrateAsync(journal, CancellationToken.None);
        return new PlatformStore(directory, journal);
    }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private sealed class NoFailure : IJournalFailure
    {
        public void Fatal(string reason, Exception? exception) => throw new InvalidOperationException(reason, exception);
    }
}

/// <summary>Notes every group commit that succeeded, and how many were fenced; refuses when a test says so.</summary>
public sealed class RecordingWriter(IJournalWriter inner) : IJournalWriter
{
    private readonly ConcurrentQueue<Commit> _commits = [];
    private readonly ConcurrentDictionary<TenantId, int> _busy = [];
    private readonly ConcurrentDictionary<TenantId, Exception> _unavailable = [];
    private int _fenced;

    public int Fenced => Volatile.Read(ref _fenced);

    public IEnumerable<Commit> Of(TenantId tenant) => _commits.Where(c => c.Tenant == tenant).OrderBy(c => c.From).ThenBy(c => c.To).ThenBy(c => c.Epoch);

    /// <summary>The next commits of a tenant find the write queue full.</summary>
    public void BusyFor(TenantId tenant, int commits) => _busy[tenant] = commits;

    /// <summary>Until it is null again, taking the tenant's log over fails so.</summary>
    public void CannotAcquire(TenantId tenant, Exception? error)
    {
        if (error is null)
        {
            _unavailable.TryRemove(tenant, out _);
        }
        else
        {
            _unavailable[tenant] = error;
        }
    }

    public ValueTask<JournalHead> AcquireAsync(TenantId tenant, CancellationToken cancellationToken) =>
        _unavailable.TryGetValue(tenant, out Exception? error) ? ValueTask.FromException<JournalHead>(error) : inner.AcquireAsync(tenant, cancellationToken);

    public async ValueTask<CommitOutcome> CommitAsync(JournalHead head, IReadOnlyList<PendingAppend> group, CancellationToken cancellationToken)
    {
        if (_busy.TryGetValue(head.Tenant, out int left) && left > 0)
        {
            _busy[head.Tenant] = left - 1; // one writer at a time, so nobody else counts here
            return new CommitOutcome(CommitStatus.Busy, head, [], "the write queue is full");
        }

        CommitOutcome outcome = await inner.CommitAsync(head, group, cancellationToken);
        if (outcome.Status == CommitStatus.Fenced)
        {
            Interlocked.Increment(ref _fenced);
        }
        else if (outcome.Status == CommitStatus.Committed)
        {
            _commits.Enqueue(new Commit(head.Tenant, head.Epoch, head.Size, outcome.Head.Size));
        }

        return outcome;
    }

    public ValueTask<long> SealAsync(JournalHead head, CancellationToken cancellationToken) => inner.SealAsync(head, cancellationToken);

    public readonly record struct Commit(TenantId Tenant, long Epoch, long From, long To);
}
