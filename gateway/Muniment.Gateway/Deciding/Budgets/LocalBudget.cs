using Muniment.Messages.Budgets;

namespace Muniment.Gateway.Deciding.Budgets;

/// <summary>
/// This gateway's part of one budget. A call reserves from the leased slice without leaving the process; when the slice is too small, all that wait ask the grain together:
/// <code>
/// reserve ─► slice has room ─► passes                        settle ─► reserved - n, used + n ─► too much left? given back
///        └─► waits ─► one ask for all that wait ─► granted ─► those it is enough for pass, the others are refused
/// </code>
/// One ask is under way at a time. When the grain has begun another epoch, what was reserved before is counted from the decision events there: settling it adds only what it used
/// beyond its reservation.
/// </summary>
/// <remarks>Owner of every field: whoever holds <c>_gate</c>. Thread-safe.</remarks>
internal sealed class LocalBudget(string key, Func<BudgetAsk, Task<BudgetGrant>> ask, TimeProvider time)
{
    // Its own, also against another one of the same name: totals of two must not be mixed.
    private readonly string _holder = Guid.NewGuid().ToString("N");
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiters = [];
    private BudgetSpec _spec = null!;
    private string _epoch = "";
    private long _number;
    private long _granted;
    private long _used;
    private long _returned;
    private long _reserved;
    private long _slice;
    private long _told; // of _used
    private long _touched;
    private bool _asking;
    private bool _unsure; // the last answer was lost: the grain may think that more is held than is

    /// <summary>The budget's name.</summary>
    public string Key => key;

    /// <summary>Whether an ask is under way.</summary>
    public bool IsAsking
    {
        get
        {
            lock (_gate)
            {
                return _asking;
            }
        }
    }

    private long Free => _granted - _used - _returned - _reserved;

    /// <summary>Reserves; null when the budget has no room. An amount of 0 asks whether anything is left at all.</summary>
    /// <exception cref="BudgetUnavailableException">The grain did not answer.</exception>
    public ValueTask<Reservation?> ReserveAsync(BudgetSpec spec, long amount)
    {
        Task<Reservation?> waiting;
        lock (_gate)
        {
            _touched = time.GetTimestamp();
            _spec = spec;

            if (_waiters.Count == 0 && Free >= Math.Max(1, amount))
            {
                return new(Take(amount));
            }

            var waiter = new Waiter(amount);
            _waiters.AddLast(waiter);
            waiting = waiter.Task;
            if (_asking)
            {
                return new(waiting);
            }

            _asking = true;
        }

        _ = AskAsync();
        return new(waiting);
    }

    /// <summary>Gives back what nobody needs, and says that this gateway is there. False when nothing is held any more and nobody has come for a while: the budget can be forgotten.</summary>
    public bool Tend()
    {
        lock (_gate)
        {
            bool idle = time.GetElapsedTime(_touched).TotalMilliseconds > BudgetLimits.HeartbeatMs;
            if (idle && _waiters.Count == 0 && Free > 0)
            {
                _returned += Free;
                _slice = 0;
            }
            else if (_reserved == 0 && _told == _used && Free <= 0 && !_unsure && !_asking && _waiters.Count == 0)
            {
                return time.GetElapsedTime(_touched).TotalMilliseconds <= 12 * BudgetLimits.HeartbeatMs;
            }

            if (_asking)
            {
                return true;
            }

            _asking = true;
        }

        _ = AskAsync();
        return true;
    }

    private Reservation Take(long amount)
    {
        _reserved += amount;
        return new Reservation(this, _epoch, amount);
    }

    private void Settle(string epoch, long reserved, long used)
    {
        lock (_gate)
        {
            _touched = time.GetTimestamp();
            if (epoch == _epoch)
            {
                _reserved -= reserved;
                _used += used;
            }
            else
            {
                _used += Math.Max(0, used - reserved);
            }

            if (_asking || Free <= _slice)
            {
                return;
            }

            _asking = true;
        }

        _ = AskAsync();
    }

    // Runs while there is something to ask for or to give back; whoever sets _asking starts it.
    private async Task AskAsync()
    {
        // Off the lock and the caller's stack.
        await Task.Yield();
        while (true)
        {
            BudgetAsk message;
            LinkedListNode<Waiter>? last;
            lock (_gate)
            {
                message = Message();
                last = _waiters.Last;
            }

            BudgetGrant? grant = null;
            Exception? failure = null;
            try
            {
                grant = await ask(message);
            }
            catch (Exception e)
            {
                failure = e;
            }

            List<(Waiter Waiter, Reservation? Reservation)> answered = [];
            bool goOn;
            lock (_gate)
            {
                _unsure = grant is null;
                if (grant is not null)
                {
                    TakeIn(message, grant);
                }

                Answer(last, grant is null || grant.Granted < message.Want, answered);
                // Who came while the grain was silent asks once more; what is too much is given back when it answers again.
                _asking = goOn = _waiters.Count > 0 || (failure is null && Free > _slice);
            }

            foreach ((Waiter waiter, Reservation? reservation) in answered)
            {
                if (reservation is not null || failure is null)
                {
                    waiter.SetResult(reservation);
                }
                else
                {
                    waiter.SetException(new BudgetUnavailableException(key, failure));
                }
            }

            if (!goOn)
            {
                return;
            }
        }
    }

    private BudgetAsk Message()
    {
        long want = -Free;
        long least = long.MaxValue;
        foreach (Waiter waiter in _waiters)
        {
            want += Math.Max(1, waiter.Amount);
            least = Math.Min(least, Math.Max(1, waiter.Amount));
        }

        if (_waiters.Count == 0)
        {
            _returned += Math.Max(0, Free - _slice);
            want = 0;
        }

        _number++;
        return new BudgetAsk(_spec, _holder, _number, _epoch, _granted, _used, _returned, Math.Max(0, want), _waiters.Count == 0 ? 0 : Math.Max(0, least - Free));
    }

    private void TakeIn(BudgetAsk message, BudgetGrant grant)
    {
        if (grant.Epoch != _epoch)
        {
            // Calls in flight are in the decision events; what they use beyond their reservation comes on top when they end. What was settled since the ask is there too.
            _epoch = grant.Epoch;
            _granted = _used = _returned = _reserved = _told = 0;
        }
        else
        {
            _told = message.Used;
        }

        _granted += grant.Granted;
        _slice = grant.Slice;
    }

    // All that waited when the grain was asked get their answer: first come, first served, and who needs less than is left may pass where another one could not.
    private void Answer(LinkedListNode<Waiter>? last, bool isSpent, List<(Waiter Waiter, Reservation? Reservation)> answered)
    {
        bool within = last is not null;
        for (LinkedListNode<Waiter>? node = _waiters.First; node is not null && within;)
        {
            LinkedListNode<Waiter>? next = node.Next;
            within = node != last;
            bool fits = Free >= Math.Max(1, node.Value.Amount);
            if (fits || isSpent)
            {
                _waiters.Remove(node);
                answered.Add((node.Value, fits ? Take(node.Value.Amount) : null));
            }

            node = next;
        }
    }

    /// <summary>A call's part of a budget. Settle it once; further times do nothing.</summary>
    internal sealed class Reservation(LocalBudget budget, string epoch, long amount)
    {
        private int _settled;

        /// <summary>The budget's name.</summary>
        public string Key => budget.Key;

        /// <summary>How much.</summary>
        public long Amount => amount;

        /// <summary>Replaces the reservation by what was used; 0 gives all of it back.</summary>
        public void Settle(long used)
        {
            if (Interlocked.Exchange(ref _settled, 1) == 0)
            {
                budget.Settle(epoch, amount, Math.Max(0, used));
            }
        }
    }

    private sealed class Waiter(long amount) : TaskCompletionSource<Reservation?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long Amount => amount;
    }
}
