using System.Collections.Concurrent;
using Muniment.Journal.Durability;

namespace Muniment.Journal.Sealing;

/// <summary>
/// The one background thread that seals, merges and purges, at a lower priority than what answers. At most one piece of work a tenant waits; asking again
/// while it waits gets the same task.
/// </summary>
internal sealed class SealerThread : IDisposable
{
    private const int Nice = 5;

    private readonly BlockingCollection<Action> _work = [];
    private readonly ConcurrentDictionary<long, Task<long>> _waiting = new();
    private readonly Thread _thread;

    public SealerThread()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "journal-sealer", Priority = ThreadPriority.BelowNormal };
        _thread.Start();
    }

    public Task<long> Enqueue(long tenantNo, Func<long> work)
    {
        TaskCompletionSource<long> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<long> task = _waiting.GetOrAdd(tenantNo, done.Task);
        if (ReferenceEquals(task, done.Task))
        {
            _work.Add(() => Do(tenantNo, work, done));
        }

        return task;
    }

    /// <summary>Ends after what is queued; the work itself looks whether it should stop.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Run()
    {
        if (OperatingSystem.IsLinux())
        {
            // .NET ignores thread priorities on Linux; "process 0" is the calling thread there. Without permission it stays as it is.
            _ = Libc.SetPriority(0, 0, Nice);
        }

        foreach (Action work in _work.GetConsumingEnumerable())
        {
            work();
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
