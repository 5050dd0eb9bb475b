namespace Muniment.Journal.Storage;

/// <summary>
/// What waits to be written. Bounded by bytes and items; full means refused, never kept in memory. Any thread adds, one thread takes.
/// </summary>
internal sealed class WriteQueue(long limitBytes, int limitItems)
{
    // A monitor, because the one that takes waits here without spinning: between two commits there is always a wait, and spinning through it cost more than the wake-up.
    private readonly object _lock = new();
    private readonly Queue<WorkItem> _foreground = new();
    private readonly Queue<WorkItem> _background = new();
    private long _queuedBytes;
    private bool _closed;
    private bool _backgroundTurn;

    public long QueuedBytes => Interlocked.Read(ref _queuedBytes);

    /// <summary>False when the queue is full or closed.</summary>
    public bool TryAdd(WorkItem item, WriteClass writeClass)
    {
        lock (_lock)
        {
            int count = _foreground.Count + _background.Count;
            // One item is always taken, however large, so that a limit below one item's size cannot stop all work.
            if (_closed || count >= limitItems || (count > 0 && _queuedBytes + item.SizeBytes > limitBytes))
            {
                return false;
            }

            _queuedBytes += item.SizeBytes;
            (writeClass == WriteClass.Foreground ? _foreground : _background).Enqueue(item);
            if (count == 0)
            {
                Monitor.Pulse(_lock);
            }
        }

        return true;
    }

    /// <summary>
    /// Waits for work and takes a batch: everything in the foreground up to the limits, and one background item when the foreground is empty or every second time.
    /// False when the queue is closed and empty.
    /// </summary>
    public bool Take(List<WorkItem> batch, int maxItems, long maxBytes)
    {
        lock (_lock)
        {
            while (true)
            {
                long bytes = 0;
                while (batch.Count < maxItems && (batch.Count == 0 || bytes < maxBytes) && _foreground.TryDequeue(out WorkItem? item))
                {
                    batch.Add(item);
                    bytes += item.SizeBytes;
                }

                _backgroundTurn = !_backgroundTurn;
                if (_background.Count > 0 && (batch.Count == 0 || _backgroundTurn))
                {
                    batch.Add(_background.Dequeue());
                }

                foreach (WorkItem item in batch)
                {
                    _queuedBytes -= item.SizeBytes;
                }

                if (batch.Count > 0)
                {
                    return true;
                }

                if (_closed)
                {
                    return false;
                }

                Monitor.Wait(_lock);
            }
        }
    }

    /// <summary>Refuses further items; what is queued can still be taken.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            Monitor.Pulse(_lock);
        }
    }
}
