using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Local.Activations;
using Orleans.Local.Calls;
using Orleans.Local.Reminders;
using Orleans.Local.State;
using Orleans.Runtime;

namespace Orleans.Local.Silos;

/// <summary>
/// All of "the cluster" that one process needs: which activation a grain has. A product has one silo; a test cluster may have several logical ones, so that
/// silos can be stopped and killed while others go on.
/// </summary>
internal sealed class LocalCluster
{
    /// <summary>How often a call may be passed on by activations that end before it; as in Orleans.</summary>
    private const int MaxForwards = 2;

    private readonly ConcurrentDictionary<GrainId, Activation> _directory = [];
    private readonly ConcurrentDictionary<TimeSpan, DeadlineList> _deadlines = [];
    private ImmutableArray<LocalSilo> _active = [];
    private int _nextGeneration;

    public ILogger Logger { get; set; } = NullLogger.Instance;

    public GrainClasses Classes { get; } = GrainClasses.Application;

    public MemoryStorages MemoryStorages { get; } = new();

    public MemoryReminderTable MemoryReminders { get; } = new();

    /// <summary>The silos that take activations.</summary>
    public ImmutableArray<LocalSilo> Active => _active;

    public SiloAddress NewAddress()
    {
        int generation = Interlocked.Increment(ref _nextGeneration);
        return SiloAddress.New(new(System.Net.IPAddress.Loopback, 11110 + generation), generation);
    }

    public DeadlineList Deadlines(TimeSpan timeout) => _deadlines.GetOrAdd(timeout, static t => new(t));

    public void Join(LocalSilo silo) => ImmutableInterlocked.Update(ref _active, static (silos, s) => silos.Add(s), silo);

    public void Leave(LocalSilo silo) => ImmutableInterlocked.Update(ref _active, static (silos, s) => silos.Remove(s), silo);

    /// <summary>Hands a request to the grain's activation, which is made if there is none. Failures are answered, not thrown.</summary>
    public void Send(Request request, GrainId grainId, LocalSilo? caller)
    {
        try
        {
            Activation? activation;
            do
            {
                if (!_directory.TryGetValue(grainId, out activation)) activation = Register(grainId, caller);
            }
            while (!activation.TryReceive(request));
        }
        catch (Exception exception)
        {
            request.Fail(exception);
        }
    }

    /// <summary>Hands a request on that waited for an activation which has ended.</summary>
    public void Forward(Request request, GrainId grainId, LocalSilo from)
    {
        if (++request.Forwards > MaxForwards) request.Fail(new OrleansMessageRejectionException($"{grainId} ended {MaxForwards + 1} times before it took the call."));
        else Send(request, grainId, from);
    }

    /// <summary>The registered activation of a grain, if it has one.</summary>
    public Activation? Find(GrainId grainId) => _directory.GetValueOrDefault(grainId);

    /// <summary>Takes an activation out of the directory; the next call makes another. The activation itself lives on.</summary>
    public void Forget(Activation activation) => _directory.TryRemove(KeyValuePair.Create(activation.GrainId, activation));

    /// <summary>An activation has ended.</summary>
    public void Unregister(Activation activation)
    {
        Forget(activation);
        if (activation.Silo.Activations.TryRemove(activation, out _)) Instruments.Activations.Add(-1);
    }

    private Activation Register(GrainId grainId, LocalSilo? caller)
    {
        GrainClass grainClass = Classes.Of(grainId.Type);
        ImmutableArray<LocalSilo> silos = _active;
        if (silos.IsEmpty) throw new SiloUnavailableException($"No silo is active, so {grainId} cannot be called. Grains can be called after the host's start and before its stop.");
        LocalSilo silo = silos.Length == 1 ? silos[0]
            : grainClass.PrefersCaller && caller is not null && silos.Contains(caller) ? caller
            : silos[Random.Shared.Next(silos.Length)];
        Activation made = new(silo, grainClass, grainId);
        Activation registered = _directory.GetOrAdd(grainId, made);
        if (ReferenceEquals(registered, made) && silo.Activations.TryAdd(made, 0)) Instruments.Activations.Add(1);
        return registered;
    }
}
