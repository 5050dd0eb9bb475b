using System.Collections.Concurrent;
using Muniment.Journal.Durability;

namespace Muniment.Journal.Sealing;

/// <summary>
/// The background threads that seal, merge and purge: one at a lower priority than what answers, and one at the same, for logs whose appends will have to wait for sealing if it
/// does not come on (a thread may give its priority up, but not take it back). Only one of them works at a time (what is urgent has blocks verified on a thread of <see cref="BlockVerifier"/> beside). At most one piece of work a tenant waits; asking again while it
/// waits gets the same task.
/// <para>
/// A lower priority is not enough to leave a burst the machine: the kernel still gives it a share, and a lower one yet would hold the collector up whenever it stops all threads. So the
/// patient thread also rests after each piece of work, several times as long as it was ready to run and had to wait for a processor. On a machine that is not busy that is no time at all.
/// </para>
/// </summary>
internal sealed class SealerThread : IDisposable
{
    private const int Nice = 5;
    private const int RestFactor = 4;

    private static readonly TimeSpan MaxRest = TimeSpan.FromSeconds(1);

    private readonly BlockingCollection<Action> _patient = [];
    private readonly BlockingCollection<Action> _urgent = [];
    private readonly ConcurrentDictionary<long, Task<long>> _waiting = new();
    private readonly Lock _working = new();
    private readonly ManualResetEventSlim _ending = new();
    private readonly Func<TimeSpan> _runDelay;
    private readonly Thread[] _threads;

    /// <param name="runDelay">How long the calling thread had to wait for a processor since it began; <see cref="RunDelay"/> unless a test says otherwise.</param>
    public SealerThread(Func<TimeSpan>? runDelay = null)
    {
        _runDelay = runDelay ?? RunDelay.OfThisThread;
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
        _ending.Set();
        _patient.CompleteAdding();
        _urgent.CompleteAdding();
        Array.ForEach(_threads, thread => thread.Join());
        _patient.Dispose();
        _urgent.Dispose();
        _ending.Dispose();
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
            TimeSpan waited;
            lock (_working)
            {
                TimeSpan before = _runDelay();
                work();
                waited = _runDelay() - before;
            }

            if (nice > 0)
            {
                TimeSpan rest = waited * RestFactor;
                _ending.Wait(rest < MaxRest ? rest : MaxRest);
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
