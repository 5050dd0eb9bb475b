using System.Collections.Concurrent;

namespace Muniment.Conformance.Tests;

/// <summary>
/// What a test and the grains it calls agree on, by a name that is unique to the test: gates at which a grain waits until the test opens them, and a list of
/// what happened. Everything runs in one process in both modes, so a static table reaches both sides. Nothing here waits for time.
/// </summary>
public sealed class Script
{
    /// <summary>Longer than anything takes on a busy machine; only a failing test waits for it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly ConcurrentDictionary<string, Script> Scripts = [];

    private readonly ConcurrentDictionary<string, Gate> _gates = [];
    private readonly List<string> _events = [];
    private readonly Dictionary<int, TaskCompletionSource> _waiters = [];

    public static Script Of(string name) => Scripts.GetOrAdd(name, static _ => new());

    public IReadOnlyList<string> Events
    {
        get
        {
            lock (_events) return [.. _events];
        }
    }

    /// <summary>A grain has come this far; it goes on when the test opens the gate.</summary>
    public Task WaitAt(string gate)
    {
        Note($"at {gate}");
        Gate g = GateOf(gate);
        g.Reached.TrySetResult();
        return g.Opened.Task;
    }

    public void Open(string gate) => GateOf(gate).Opened.TrySetResult();

    public Task Reached(string gate) => GateOf(gate).Reached.Task.WaitAsync(Patience);

    public void Note(string happened)
    {
        lock (_events)
        {
            _events.Add(happened);
            foreach (TaskCompletionSource waiter in _waiters.Where(w => w.Key <= _events.Count).Select(w => w.Value)) waiter.TrySetResult();
        }
    }

    public int Count(string happened) => Events.Count(e => e == happened);

    /// <summary>Completes when something has happened that many times.</summary>
    public async Task Happened(string what, int times = 1)
    {
        while (Count(what) < times)
        {
            Task next;
            lock (_events)
            {
                int wanted = _events.Count + 1;
                if (!_waiters.TryGetValue(wanted, out TaskCompletionSource? waiter))
                {
                    _waiters[wanted] = waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }
                if (_events.Count(e => e == what) >= times) return;
                next = waiter.Task;
            }
            await next.WaitAsync(Patience);
        }
    }

    private Gate GateOf(string name) => _gates.GetOrAdd(name, static _ => new());

    private sealed class Gate
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
