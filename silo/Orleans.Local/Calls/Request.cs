using System.Collections.Immutable;
using Orleans.Local.Activations;
using Orleans.Runtime;

namespace Orleans.Local.Calls;

/// <summary>One thing that an activation is asked to do. It becomes a task of its own on the activation's scheduler once it is admitted.</summary>
internal abstract class Request
{
    private Activation? _activation;

    /// <summary>Starts whatever else runs.</summary>
    public bool Interleaves { get; init; }

    /// <summary>May run beside others that are read-only too.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Counts as activity of the grain.</summary>
    public bool KeepsAlive { get; init; } = true;

    /// <summary>What flows down from the caller.</summary>
    public ImmutableDictionary<string, object>? Context { get; init; }

    /// <summary>The calling grain, or null from outside.</summary>
    public GrainId? Source { get; init; }

    /// <summary>How often an ending activation passed it on.</summary>
    public int Forwards { get; set; }

    /// <summary>Meant for this activation only, never for the next one.</summary>
    public virtual bool IsLocal => false;

    /// <summary>Nobody waits any longer; it is not started.</summary>
    public virtual bool IsAbandoned => false;

    /// <summary>Gives it its own task. Called when it was admitted.</summary>
    public void Start(Activation activation)
    {
        _activation = activation;
        activation.Scheduler.Post(static request => _ = ((Request)request!).RunAsync(), this);
    }

    /// <summary>Answers with a failure.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>Does it and remembers the outcome. Throws nothing.</summary>
    protected abstract Task InvokeAsync(Activation activation);

    /// <summary>Tells the outcome; called when the activation no longer counts the request, so that whoever hears it finds the activation idle.</summary>
    protected abstract void Respond();

    private async Task RunAsync()
    {
        RequestContext.Current = Context;
        await InvokeAsync(_activation!);
        _activation!.OnCompleted(this);
        Respond();
    }
}
