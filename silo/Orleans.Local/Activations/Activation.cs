using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Local.Calls;
using Orleans.Local.Silos;
using Orleans.Local.Timers;
using Orleans.Runtime;

namespace Orleans.Local.Activations;

/// <summary>
/// One activation: which request may start now, and its life from the first request to the last.
/// <code>
///   Created ──first request──► Activating ──OnActivateAsync──► Valid ──Deactivate──► Deactivating ──running = 0, OnDeactivateAsync──► Ended
///                                  └────────── failure: the waiting calls fail with it ──────────────────────────────────────────────►┘
/// </code>
/// Admission (the list below is Orleans' own): nothing runs; or the request always interleaves; or no running request blocks; or it and the blocking
/// request are both read-only; or the class is reentrant. The first request admitted that does not always interleave blocks until it completes.
/// The queue, the running set and the phase belong to <c>_gate</c>; the grain object belongs to the scheduler.
/// </summary>
internal sealed partial class Activation : IGrainContext
{
    private enum Phase { Created, Activating, Valid, Deactivating, Ended }

    private readonly Lock _gate = new();
    private readonly List<Request> _waiting = [];
    private readonly HashSet<Request> _running = [];
    private readonly List<GrainTimer> _timers = [];
    private readonly Random? _order = LocalTestHooks.OrderSeed is { } seed ? new(seed) : null;
    private readonly TaskCompletionSource _deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AsyncServiceScope? _scope;
    private Request? _blocking;
    private int _overtakers;
    private Phase _phase;
    private DeactivationReason? _reason;
    private bool _finishing;
    private long _lastActive;
    private DateTimeOffset _keepAliveUntil;

    public Activation(LocalSilo silo, GrainClass grainClass, GrainId grainId)
    {
        (Silo, Class, GrainId) = (silo, grainClass, grainId);
        Scheduler = new(this);
        _lastActive = silo.Time.GetTimestamp();
    }

    /// <summary>The activation whose turn this is, or null outside of turns.</summary>
    public static Activation? Current => (TaskScheduler.Current as ActivationScheduler)?.Activation;

    public LocalSilo Silo { get; }

    public GrainClass Class { get; }

    public GrainId GrainId { get; }

    public ActivationScheduler Scheduler { get; }

    public object? GrainInstance { get; private set; }

    public IServiceProvider ActivationServices => _scope!.Value.ServiceProvider;

    public Task Deactivated => _deactivated.Task;

    /// <summary>The activation of a grain object.</summary>
    public static Activation Of(IGrainBase grain) =>
        grain.GrainContext as Activation ?? throw new InvalidOperationException($"{grain.GetType()} was not activated by a silo.");

    /// <summary>Takes a request; false when the activation has ended and another must take it.</summary>
    public bool TryReceive(Request request)
    {
        LimitExceededException? refused = null;
        bool first = false;
        lock (_gate)
        {
            if (_phase == Phase.Ended) return false;
            int limit = Silo.Messaging.MaxEnqueuedRequestsHardLimit;
            int count = _running.Count + _waiting.Count;
            if (limit > 0 && count > limit && !request.IsLocal)
            {
                refused = new(nameof(SiloMessagingOptions.MaxEnqueuedRequestsHardLimit), count, limit, GrainId.ToString());
            }
            else
            {
                int at = _order?.Next(_waiting.Count + 1) ?? _waiting.Count;
                _waiting.Insert(at, request);
                if (MayOvertake(request)) _overtakers++;
                first = _phase == Phase.Created;
                if (first) _phase = Phase.Activating;
                else Admit_NeedsGate(at);
            }
        }
        if (refused is not null)
        {
            Instruments.Refused.Add(1);
            request.Fail(refused);
        }
        if (first) Scheduler.Post(static activation => _ = ((Activation)activation!).ActivateAsync(), this);
        return true;
    }

    /// <summary>A request has ended, well or not.</summary>
    public void OnCompleted(Request request)
    {
        lock (_gate)
        {
            _running.Remove(request);
            if (_blocking == request) _blocking = null;
            if (request.KeepsAlive) _lastActive = Silo.Time.GetTimestamp();
            Admit_NeedsGate(0);
        }
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default) => TryDeactivate(deactivationReason, null);

    /// <summary>Ends the activation if it has been idle for that long.</summary>
    public bool DeactivateIfIdle(TimeSpan age) =>
        TryDeactivate(new(DeactivationReasonCode.ActivationIdle, $"Idle for at least {age}."), age);

    /// <summary>The idle age at which this activation is collected; infinite for never.</summary>
    public TimeSpan CollectionAge => Class.CollectionAge(Silo.Collection);

    /// <summary>See <see cref="Grain.DelayDeactivation"/>.</summary>
    public void DelayDeactivation(TimeSpan time)
    {
        lock (_gate)
        {
            _keepAliveUntil = time == TimeSpan.MaxValue || time == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue
                : time <= TimeSpan.Zero ? default
                : Silo.Time.GetUtcNow() + time;
        }
    }

    /// <summary>Ends the activation as a crash would: no OnDeactivateAsync, and everybody who waits gets the failure. Code that runs runs on unheard.</summary>
    public void Kill(Exception exception)
    {
        Request[] lost;
        lock (_gate)
        {
            if (_phase == Phase.Ended) return;
            _phase = Phase.Ended;
            lost = [.. _waiting, .. _running];
            _waiting.Clear();
        }
        DisposeTimers();
        Silo.Cluster.Unregister(this);
        foreach (Request request in lost) request.Fail(exception);
        _deactivated.TrySetResult();
    }

    public void Add(GrainTimer timer)
    {
        lock (_gate) _timers.Add(timer);
    }

    public void Remove(GrainTimer timer)
    {
        lock (_gate) _timers.Remove(timer);
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override string ToString() => $"{GrainId} on {Silo.Address}";

    private bool TryDeactivate(DeactivationReason reason, TimeSpan? idleFor)
    {
        lock (_gate)
        {
            if (_reason is not null || _phase == Phase.Ended) return false;
            if (idleFor is { } age)
            {
                bool idle = _phase == Phase.Valid && _running.Count == 0 && _waiting.Count == 0
                    && Silo.Time.GetElapsedTime(_lastActive) >= age && _keepAliveUntil <= Silo.Time.GetUtcNow();
                if (!idle) return false;
            }
            _reason = reason;
            if (_phase != Phase.Valid) return true;
            _phase = Phase.Deactivating;
            Admit_NeedsGate(0);
            return true;
        }
    }

    private void Admit_NeedsGate(int from)
    {
        if (_phase == Phase.Deactivating && _running.Count == 0 && !_finishing)
        {
            _finishing = true;
            Scheduler.Post(static activation => _ = ((Activation)activation!).FinishAsync(), this);
        }
        if (_finishing || _phase is not (Phase.Valid or Phase.Deactivating)) return;
        for (int i = from; i < _waiting.Count;)
        {
            // Behind a blocking request only overtakers can start; without one there is no need to look through a long queue after every request.
            if (_blocking is not null && _overtakers == 0) break;
            Request request = _waiting[i];
            if (request.IsAbandoned)
            {
                Dequeue_NeedsGate(i);
                continue;
            }
            // While running requests end, only the grain's own timers may still start: what runs may wait for them.
            if (_phase == Phase.Deactivating && !request.IsLocal) break;
            if (!MayStart_NeedsGate(request))
            {
                i++;
                continue;
            }
            Dequeue_NeedsGate(i);
            _running.Add(request);
            if (!request.Interleaves) _blocking ??= request;
            request.Start(this);
        }
    }

    private void Dequeue_NeedsGate(int at)
    {
        if (MayOvertake(_waiting[at])) _overtakers--;
        _waiting.RemoveAt(at);
    }

    private bool MayOvertake(Request request) => request.Interleaves || request.ReadOnly || Class.IsReentrant;

    private bool MayStart_NeedsGate(Request request) =>
        _running.Count == 0 || request.Interleaves || _blocking is null || (_blocking.ReadOnly && request.ReadOnly) || Class.IsReentrant;

    private async Task ActivateAsync()
    {
        try
        {
            lock (_gate) RequestContext.Current = _waiting.FirstOrDefault()?.Context;
            using CancellationTokenSource timeout = new(Silo.Collection.ActivationTimeout);
            _scope = Silo.Services.CreateAsyncScope();
            ActivationServices.GetRequiredService<GrainContextHolder>().Context = this;
            (GrainInstance, IReadOnlyList<State.ILoadedState> states) = Class.Create(this);
            await Task.WhenAll(states.Select(state => state.LoadAsync())).WaitAsync(timeout.Token);
            if (GrainInstance is IGrainBase grain) await grain.OnActivateAsync(timeout.Token).WaitAsync(timeout.Token);
            lock (_gate)
            {
                if (_phase == Phase.Ended) return;
                _phase = _reason is null ? Phase.Valid : Phase.Deactivating;
                _lastActive = Silo.Time.GetTimestamp();
                Admit_NeedsGate(0);
            }
        }
        catch (Exception exception)
        {
            LogActivationFailed(Silo.Logger, exception, GrainId);
            await EndAsync(exception);
        }
    }

    private async Task FinishAsync()
    {
        DisposeTimers();
        try
        {
            using CancellationTokenSource timeout = new(Silo.Collection.DeactivationTimeout);
            if (GrainInstance is IGrainBase grain) await grain.OnDeactivateAsync(_reason!.Value, timeout.Token).WaitAsync(timeout.Token);
        }
        catch (Exception exception)
        {
            LogDeactivationFailed(Silo.Logger, exception, GrainId);
        }
        await EndAsync(null);
    }

    /// <summary>Leaves the directory; the waiting requests fail with the given exception, or go to the next activation.</summary>
    private async Task EndAsync(Exception? failure)
    {
        DisposeTimers();
        Silo.Cluster.Unregister(this);
        try
        {
            if (GrainInstance is IAsyncDisposable asyncDisposable) await asyncDisposable.DisposeAsync();
            else (GrainInstance as IDisposable)?.Dispose();
            if (_scope is { } scope) await scope.DisposeAsync();
        }
        catch (Exception exception)
        {
            LogDeactivationFailed(Silo.Logger, exception, GrainId);
        }
        Request[] left;
        lock (_gate)
        {
            _phase = Phase.Ended;
            left = [.. _waiting];
            _waiting.Clear();
        }
        _deactivated.TrySetResult();
        foreach (Request request in left.Where(request => !request.IsLocal))
        {
            if (failure is null) Silo.Cluster.Forward(request, GrainId, Silo);
            else request.Fail(failure);
        }
    }

    private void DisposeTimers()
    {
        GrainTimer[] timers;
        lock (_gate) timers = [.. _timers];
        foreach (GrainTimer timer in timers) timer.Dispose();
    }

    [LoggerMessage(2, LogLevel.Error, "Grain {GrainId} could not be activated.")]
    private static partial void LogActivationFailed(ILogger logger, Exception exception, GrainId grainId);

    [LoggerMessage(3, LogLevel.Error, "Grain {GrainId} failed while it was deactivated.")]
    private static partial void LogDeactivationFailed(ILogger logger, Exception exception, GrainId grainId);
}
