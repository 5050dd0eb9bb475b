namespace Muniment.Gateway.Deciding.Records;

/// <summary>
/// Records of one tenant's decisions on their way into its journal. An append costs about the same for one record as for ten, so what comes while one append is under way goes together in the next:
/// <code>
/// record ─► nothing under way ─► alone lately ─────────────────────────────────────────────► append at once
///                             └► several together lately ─► wait for as many, ≤ MaxWaitMs ─► append of all that wait
///       └─► an append under way ─► wait until it is answered ─► as above
/// </code>
/// Who comes alone never waits. An append that hangs does not hold up the others: after <see cref="PatienceMs"/> the next one goes beside it.
/// </summary>
/// <remarks>Owner of every field: whoever holds <c>_gate</c>. Thread-safe.</remarks>
/// <param name="append">Makes some records durable and tells each of them; throws nothing.</param>
/// <param name="time">The clock.</param>
internal sealed class RecordQueue(Func<List<PendingRecord>, Task> append, TimeProvider time)
{
    /// <summary>Longest wait for further records, where several came together lately.</summary>
    public const int MaxWaitMs = 2;

    /// <summary>Most records of one append, or one more where one follows another.</summary>
    public const int MaxRecords = 256;

    /// <summary>Bytes of records at which an append takes no further one.</summary>
    public const int FullSizeBytes = 1 << 20;

    /// <summary>Most records that wait; more are refused.</summary>
    public const int MaxWaiting = 16_384;

    /// <summary>Most bytes that wait; more are refused.</summary>
    public const long MaxWaitingBytes = 64L << 20;

    /// <summary>Most appends at once.</summary>
    public const int MaxAppends = 8;

    /// <summary>An append that takes longer no longer holds up the others.</summary>
    public const int PatienceMs = 100;

    // Below this many there is nothing to gain by waiting.
    private const int LeastCompany = 4;

    // Those that came together longer ago say nothing about who comes now.
    private const int LatelyMs = 20;

    // So many appends that found the company they waited for, and the next one waits for one more.
    private const int ProbeEvery = 4;

    private readonly Lock _gate = new();
    private readonly Queue<PendingRecord> _waiting = [];
    private readonly List<Flight> _flights = [];
    private ITimer? _timer;
    private ITimer? _patience;
    private long? _patienceEnds; // when the timer of patience fires; null when it is not armed
    private int _waitingRecords; // with those that follow others
    private long _waitingBytes;
    private long _answered;
    private int _wanted;
    private int _met;
    private bool _isTimed;

    private bool IsFull => _waitingRecords >= MaxRecords || _waitingBytes >= FullSizeBytes;

    /// <summary>Takes a record; false when too many wait already.</summary>
    public bool TryAdd(PendingRecord record)
    {
        Flight? flight;
        lock (_gate)
        {
            if (!HasRoom(record))
            {
                return false;
            }

            _waiting.Enqueue(record);
            record.IsWaiting = true;
            _waitingRecords++;
            _waitingBytes += record.SizeBytes;
            flight = TakeIfDue(isOver: false);
        }

        Start(flight);
        return true;
    }

    /// <summary>Puts a record right behind one that still waits, so that there will be both or none. False when that one is under way already, or too many wait.</summary>
    public bool TryJoin(PendingRecord first, PendingRecord record)
    {
        Flight? flight;
        lock (_gate)
        {
            if (!first.IsWaiting || first.Follower is not null || !HasRoom(record))
            {
                return false;
            }

            first.Follower = record;
            _waitingRecords++;
            _waitingBytes += record.SizeBytes;
            flight = TakeIfDue(isOver: false);
        }

        Start(flight);
        return true;
    }

    private bool HasRoom(PendingRecord record) => _waitingRecords < MaxWaiting && (_waiting.Count == 0 || _waitingBytes + record.SizeBytes <= MaxWaitingBytes);

    private void Start(Flight? flight)
    {
        if (flight is not null)
        {
            // The appends go on for others: what hangs on the request that happened to begin them must not live as long.
            using (ExecutionContext.SuppressFlow())
            {
                _ = RunAsync(flight);
            }
        }
    }

    private async Task RunAsync(Flight? flight)
    {
        while (flight is not null)
        {
            await append(flight.Records);
            lock (_gate)
            {
                _flights.Remove(flight);
                _answered = time.GetTimestamp();
                flight = TakeIfDue(isOver: false);
            }
        }
    }

    private void OnWaited()
    {
        Flight? flight;
        lock (_gate)
        {
            flight = _isTimed ? TakeIfDue(isOver: true) : null;
        }

        Start(flight);
    }

    private void OnPatienceOver()
    {
        Flight? flight;
        lock (_gate)
        {
            _patienceEnds = null;
            flight = TakeIfDue(isOver: false);
        }

        Start(flight);
    }

    private Flight? TakeIfDue(bool isOver)
    {
        // At most appends nothing is armed: the end of any of them comes here.
        if (_waiting.Count == 0 || _flights.Count >= MaxAppends)
        {
            return null;
        }

        if (!IsFull && IsOneUnderWay(out long ends))
        {
            WaitForPatience(ends);
            return null;
        }

        if (!isOver && IsCompanyExpected())
        {
            if (!_isTimed)
            {
                _isTimed = true;
                _timer ??= CreateTimer(static queue => ((RecordQueue)queue!).OnWaited());
                _timer.Change(TimeSpan.FromMilliseconds(MaxWaitMs), Timeout.InfiniteTimeSpan);
            }

            return null;
        }

        return Take(isOver);
    }

    private Flight Take(bool isOver)
    {
        _isTimed = false;
        var records = new List<PendingRecord>(Math.Min(_waitingRecords, MaxRecords + 1));
        long bytes = 0;
        while (records.Count < MaxRecords && bytes < FullSizeBytes && _waiting.TryDequeue(out PendingRecord? record))
        {
            record.IsWaiting = false;
            records.Add(record);
            bytes += record.SizeBytes;
            if (record.Follower is { } follower)
            {
                records.Add(follower);
                bytes += follower.SizeBytes;
            }
        }

        _waitingRecords -= records.Count;
        _waitingBytes -= bytes;
        bool probes = !isOver && records.Count >= LeastCompany && ++_met % ProbeEvery == 0;
        _wanted = records.Count + (probes ? 1 : 0);
        var flight = new Flight(records, time.GetTimestamp());
        _flights.Add(flight);
        if (_waiting.Count > 0 && IsOneUnderWay(out long ends))
        {
            WaitForPatience(ends);
        }

        return flight;
    }

    // Nobody else may come, and nothing end: then only the timer looks after those that wait.
    private void WaitForPatience(long ends)
    {
        if (_patienceEnds <= ends)
        {
            return;
        }

        _patienceEnds = ends;
        _patience ??= CreateTimer(static queue => ((RecordQueue)queue!).OnPatienceOver());

        // Timers count whole milliseconds; one that fired too early would only be armed again.
        double left = Math.Ceiling(time.GetElapsedTime(time.GetTimestamp(), ends).TotalMilliseconds);
        _patience.Change(TimeSpan.FromMilliseconds(Math.Max(1, left)), Timeout.InfiniteTimeSpan);
    }

    private ITimer CreateTimer(TimerCallback callback)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return time.CreateTimer(callback, this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private bool IsCompanyExpected() =>
        _wanted >= LeastCompany && _waitingRecords < _wanted && !IsFull && time.GetElapsedTime(_answered).TotalMilliseconds < LatelyMs;

    // Until when the youngest append may hold up the others; false when none does.
    private bool IsOneUnderWay(out long ends)
    {
        ends = 0;
        foreach (Flight flight in _flights)
        {
            ends = Math.Max(ends, flight.Started + (PatienceMs * time.TimestampFrequency / 1000));
        }

        return _flights.Count > 0 && time.GetTimestamp() < ends;
    }

    private sealed record Flight(List<PendingRecord> Records, long Started);
}
