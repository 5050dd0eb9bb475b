using System.Collections.Concurrent;
using Muniment.Events;

namespace Muniment.Journal;

/// <summary>
/// Wakes readers of this process that wait for a log to grow. A hint only: appends of other processes and lost hints are found by looking now and then. One pending task a tenant that
/// somebody waits for. Thread-safe.
/// </summary>
public sealed class AppendSignal
{
    private readonly ConcurrentDictionary<TenantId, TaskCompletionSource> _waiting = new();

    /// <summary>Completes at the next hint for the tenant. Ask for it before looking at the log's size, so that nothing falls between.</summary>
    public Task NextAsync(TenantId tenant) => _waiting.GetOrAdd(tenant, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>The tenant's log has grown.</summary>
    public void Advanced(TenantId tenant)
    {
        if (_waiting.TryRemove(tenant, out TaskCompletionSource? waiting))
        {
            waiting.SetResult();
        }
    }
}
