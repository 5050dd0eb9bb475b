using System.Globalization;
using Orleans.Local.Calls;
using Orleans.Local.Management;
using Orleans.Runtime;

namespace Orleans.Local.Silos;

/// <summary>Gives references whose calls start at one origin.</summary>
internal sealed class LocalGrainFactory(CallOrigin origin, IServiceProvider services) : IClusterClient
{
    public IServiceProvider ServiceProvider => services;

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return (TGrainInterface)ByKey(typeof(TGrainInterface), primaryKey, grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithIntegerKey =>
        typeof(TGrainInterface) == typeof(IManagementGrain)
            ? (TGrainInterface)(object)new ManagementGrain(origin.Cluster)
            : (TGrainInterface)ByKey(typeof(TGrainInterface), primaryKey.ToString("X", CultureInfo.InvariantCulture), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable =>
        (TGrainInterface)GetGrain(typeof(TGrainInterface), grainId);

    public object GetGrain(Type grainInterface, GrainId grainId) => GrainProxy.Create(grainInterface, grainId, origin);

    private object ByKey(Type grainInterface, string key, string? prefix)
    {
        if (prefix is not null) throw new NotSupportedException("The stand-in picks a class by its interface or by GrainId, not by a prefix of its name.");
        return GetGrain(grainInterface, GrainId.Create(origin.Cluster.Classes.ImplementationOf(grainInterface).GrainType, key));
    }
}
