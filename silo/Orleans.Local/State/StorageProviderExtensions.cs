using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Storage;

namespace Orleans.Runtime.Hosting;

/// <summary>Adds storages of grain state.</summary>
public static class StorageProviderExtensions
{
    /// <summary>Adds a storage under a name; "Default" is the one that is used where no name is asked for.</summary>
    public static IServiceCollection AddGrainStorage<T>(this IServiceCollection collection, string name, Func<IServiceProvider, string, T> implementationFactory)
        where T : IGrainStorage
    {
        collection.AddKeyedSingleton<IGrainStorage>(name, (services, key) => implementationFactory(services, (string)key!));
        if (name == "Default") collection.TryAddSingleton(services => services.GetRequiredKeyedService<IGrainStorage>("Default"));
        return collection;
    }
}
