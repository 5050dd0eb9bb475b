namespace Orleans.Local.Activations;

/// <summary>
/// Runs the tasks of one activation one at a time, in order, on the thread pool. Everything that a request starts and awaits comes back here, because
/// <see cref="TaskScheduler.Current"/> is this scheduler while it runs; that is what makes turns. <c>ConfigureAwait(false)</c> and <c>Task.Run</c> leave it.
/// </summary>
internal sealed class ActivationScheduler(Activation activation) : TaskScheduler, IThreadPoolWorkItem
{
    /// <summary>After this time other activations get the thread.</summary>
    private const int QuantumMs = 100;

    // The queue is bounded by the activation's requests (MaxEnqueuedRequestsHardLimit) times what each of them starts.
    private readonly Queue<Task> _queue = new();
    private bool _scheduled;

    public Activation Activation => activation;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Starts work without the starter's execution context: nothing of the caller flows but what a request carries.</summary>
    public void Post(Action<object?> work, object? state)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            new Task(work, state).Start(this);
            return;
        }
        using (ExecutionContext.SuppressFlow()) new Task(work, state).Start(this);
    }

    void IThreadPoolWorkItem.Execute()
    {
        long started = Environment.TickCount64;
        while (true)
        {
            Task? task;
            lock (_queue)
            {
                if (!_queue.TryDequeue(out task))
                {
                    _scheduled = false;
                    return;
                }
            }
            TryExecuteTask(task);
            if (Environment.TickCount64 - started < QuantumMs) continue;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            return;
        }
    }

    protected override void QueueTask(Task task)
    {
        lock (_queue)
        {
            _queue.Enqueue(task);
            if (_scheduled) return;
            _scheduled = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && Current == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_queue) return [.. _queue];
    }
}
