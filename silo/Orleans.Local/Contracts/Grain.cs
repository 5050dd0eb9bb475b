using Orleans.Local.Activations;
using Orleans.Runtime;

namespace Orleans;

/// <summary>Base of grain classes.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    /// <summary>Called by the runtime on the activation's scheduler. Outside it (a unit test of the class alone) the context is null.</summary>
    protected Grain() => GrainContext = Activation.Current!;

    /// <inheritdoc/>
    public IGrainContext GrainContext { get; }

    /// <summary>Gives references to other grains.</summary>
    protected IGrainFactory GrainFactory => Activation.Of(this).Silo.GrainFactory;

    /// <summary>The activation's services.</summary>
    protected internal IServiceProvider ServiceProvider => GrainContext.ActivationServices;

    /// <summary>The grain's identity as text.</summary>
    public string IdentityString => GrainContext.GrainId.ToString();

    /// <summary>The silo's address as text.</summary>
    public string RuntimeIdentity => Activation.Of(this).Silo.Address.ToString();

    /// <summary>Ends this activation after the requests that run now; waiting ones go to the next activation.</summary>
    protected void DeactivateOnIdle() => GrainBaseExtensions.DeactivateOnIdle(this);

    /// <summary>
    /// Keeps this activation from being collected for a time from now. Zero or less cancels an earlier request; <see cref="TimeSpan.MaxValue"/> or
    /// <see cref="Timeout.InfiniteTimeSpan"/> holds it until cancelled.
    /// </summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => Activation.Of(this).DelayDeactivation(timeSpan);

    /// <inheritdoc/>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;
}
