using System.Collections.Concurrent;
using Muniment.Journal.Durability;

namespace Muniment.Journal.Sealing;

/// <summary>
/// The background threads that seal, merge and purge: one at a lower priority than what answers, and one at the same, for logs whose appends will have to wait for sealing if it
/// does not come on (a thread may give its priority up, but not take it back). Only one of them works at a time. At most one piece of work a tenant waits; asking again while it
/// waits gets the same task.
/// </summary>
internal sealed class SealerThread : IDisposable
{
    private const int Nice = 5;

    private readonly BlockingCollection<Action> _patient = [];
    private readonly BlockingCollection<Action> _urgent = [];
    private readonly ConcurrentDictionary<long, Task<long>> _waiting = new();
    private readonly Lock _working = new();
    private readonly Thread[] _threads;

    public SealerThread()
    {
        _threads =
        [
            new Thread(() => Run(_patient, Nice)) { IsBackground = true, Name = "journal-sealer", Priority = ThreadPriority.BelowNormal },
            new Thread(() => Run(_urgent, 0)) { IsBackground = true, Name = "journal-sealer+" },
        ];
        Array.ForEach(_threads, thread => thread.Start());
    }

    /// <summary>Queues work for a tenant.</summary>
    public Task<long> Enqueue(long tenantNo, bool urgent, Func<long> work)
    {
        TaskCompletionSource<long> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<long> task = _waiting.GetOrAdd(tenantNo, done.Task);
        if (ReferenceEquals(task, done.Task))
        {
            (urgent ? _urgent : _patient).Add(() => Do(tenantNo, work, done));
        }

        return task;
    }

    /// <summary>Ends after what is queued; the work itself looks whether it should stop.</summary>
    public void Dispose()
    {
        _patient.CompleteAdding();
        _urgent.CompleteAdding();
        Array.ForEach(_threads, thread => thread.Join());
        _patient.Dispose();
        _urgent.Dispose();
    }

    private void Run(BlockingCollection<Action> queue, int nice)
    {
        if (nice > 0 && OperatingSystem.IsLinux())
        {
            // .NET ignores thread priorities on Linux; "process 0" is the calling thread there. Without permission it stays as it is.
            _ = Libc.SetPriority(0, 0, nice);
        }

        foreach (Action work in queue.GetConsumingEnumerable())
        {
            lock (_working)
            {
                work();
            }
        }
    }

    private void Do(long tenantNo, Func<long> work, TaskCompletionSource<long> done)
    {
        // Out of the table before the work begins: what is appended from now on may need another round.
        _waiting.TryRemove(tenantNo, out _);
        try
        {
            done.SetResult(work());
        }
        catch (Exception error)
        {
            done.SetException(error);
        }
    }
}
