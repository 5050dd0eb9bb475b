using Microsoft.Extensions.DependencyInjection;
using Orleans.Local.Activations;
using Orleans.Local.Calls;
using Orleans.Local.Silos;
using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>What only the stand-in can do. For tests, which say <c>#if ORLEANS_LOCAL</c> around it.</summary>
public static class LocalTestHooks
{
    /// <summary>
    /// Waiting calls of one grain are started in an order that this number decides, instead of first come, first served: a cluster promises no order either,
    /// and tests must not come to rely on one. Set by the environment variable ORLEANS_LOCAL_ORDER_SEED; null, and so in order, without it.
    /// </summary>
    public static int? OrderSeed { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("ORLEANS_LOCAL_ORDER_SEED"), System.Globalization.CultureInfo.InvariantCulture, out int seed) ? seed : null;

    /// <summary>
    /// Makes the directory forget a grain's activation, as a cluster can for short times, so that the next call makes a second one while the first lives on.
    /// Returns a reference that still reaches the first.
    /// </summary>
    public static TGrainInterface ForceDuplicateActivation<TGrainInterface>(IServiceProvider siloServices, TGrainInterface grain)
        where TGrainInterface : IAddressable
    {
        LocalSilo silo = siloServices.GetRequiredService<LocalSilo>();
        GrainId grainId = grain.GetGrainId();
        Activation activation = silo.Cluster.Find(grainId) ?? throw new InvalidOperationException($"{grainId} has no activation; call it first.");
        silo.Cluster.Forget(activation);
        return (TGrainInterface)GrainProxy.Create(typeof(TGrainInterface), grainId, ((GrainProxy)(object)grain).Origin, activation);
    }
}
