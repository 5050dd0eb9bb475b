using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>Anything that has a <see cref="GrainId"/>.</summary>
    public interface IAddressable;
}

namespace Orleans
{
    /// <summary>Base of grain interfaces.</summary>
    public interface IGrain : IAddressable;

    /// <summary>A grain that is found by a string.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>A grain that is found by a number.</summary>
    public interface IGrainWithIntegerKey : IGrain;

    /// <summary>What every grain class is.</summary>
    public interface IGrainBase
    {
        /// <summary>The activation.</summary>
        IGrainContext GrainContext { get; }

        /// <summary>Called before the first request; a failure fails the activation.</summary>
        Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

        /// <summary>Called after the last request; a failure is logged.</summary>
        Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
    }

    /// <summary>Gives references to grains; a reference may be used from any thread and outlives activations.</summary>
    public interface IGrainFactory
    {
        /// <summary>A reference by string key.</summary>
        TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithStringKey;

        /// <summary>A reference by number.</summary>
        TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithIntegerKey;

        /// <summary>A reference by identity.</summary>
        TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable;
    }

    /// <summary>The grains as seen from outside them.</summary>
    public interface IClusterClient : IGrainFactory
    {
        /// <summary>The host's services.</summary>
        IServiceProvider ServiceProvider { get; }
    }

    /// <summary>A grain that takes reminders.</summary>
    public interface IRemindable : IGrain
    {
        /// <summary>A reminder is due.</summary>
        Task ReceiveReminder(string reminderName, TickStatus status);
    }
}
