using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Muniment.Delivery;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Egress;
using Muniment.Events.Keys;
using Muniment.Grains.Destinations;
using Muniment.Journal;
using Muniment.Journal.Storage;
using Muniment.Messages.Destinations;

namespace Muniment.Silo.Destinations;

/// <summary>Puts delivery together for a silo.</summary>
public static class DestinationServices
{
    /// <summary>
    /// Adds the destination grains' services. Wants <see cref="IStateDatabase"/>, <see cref="IJournalReader"/> and <see cref="ITenantKeyring"/> in the container. The host then
    /// runs <see cref="MigrateAsync"/> before the silo starts, fills <see cref="PlatformEndpoints"/> with its ports and database, lets
    /// <see cref="DestinationHints"/> listen to appends, and runs <see cref="StartAsync"/> as a startup task of the silo.
    /// </summary>
    public static IServiceCollection AddDestinations(this IServiceCollection services, DestinationOptions options)
    {
        RegisterFailpoints();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<PlatformEndpoints>();
        services.TryAddSingleton<IHostResolver, SystemHostResolver>();
        services.TryAddSingleton<DeliveryInstruments>();
        services.TryAddSingleton<DestinationHints>();
        services.TryAddSingleton<IPredicateCompiler, PolicyPredicates>();
        services.TryAddSingleton<IRedactionCompiler, PolicyRedactions>();
        services.TryAddSingleton<IDestinationStore, SqlDestinationStore>();
        services.TryAddSingleton(provider => new EgressGuard(options.EgressAllow, provider.GetRequiredService<PlatformEndpoints>(), provider.GetRequiredService<IHostResolver>()));
        services.TryAddSingleton<EgressHttp>();
        services.TryAddSingleton<DestinationNotices>();
        services.TryAddSingleton(provider =>
        {
            IJournalReader reader = provider.GetRequiredService<IJournalReader>();
            ITenantKeyring keyring = provider.GetRequiredService<ITenantKeyring>();
            return new DeliveryServices
            {
                Store = provider.GetRequiredService<IDestinationStore>(),
                Source = tenant => new JournalEventSource(reader, tenant),
                Projection = tenant => new CanonicalProjection(tenant),
                Predicates = provider.GetRequiredService<IPredicateCompiler>(),
                Redactions = provider.GetRequiredService<IRedactionCompiler>(),
                Keyring = keyring,
                Http = provider.GetRequiredService<EgressHttp>(),
                ExportDirectory = options.ExportDirectory,
                AmbientTenants = options.AmbientTenants,
                Origin = options.Origin,
                Time = provider.GetRequiredService<TimeProvider>(),
                MaxBacklogAge = options.MaxBacklogAge,
                Report = provider.GetRequiredService<DestinationNotices>().WriteAsync,
                Failpoint = Failpoints.Pass,
                SettleBeforeSend = SeededBugs.Is("position-before-post"),
                Instruments = provider.GetRequiredService<DeliveryInstruments>(),
            };
        });
        return services;
    }

    /// <summary>Lists delivery's failpoints with the others.</summary>
    public static void RegisterFailpoints()
    {
        foreach ((string name, string sentence) in DeliveryFailpoints.All)
        {
            Failpoints.Register(name, sentence);
        }
    }

    /// <summary>Wakes the destinations of the cluster and keeps them awake; a startup task of the silo.</summary>
    public static Task StartAsync(IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<IGrainFactory>().GetGrain<IDestinationSweeperGrain>("0").Start();

    /// <summary>Brings the tables up to date.</summary>
    public static Task MigrateAsync(IStateDatabase database, CancellationToken cancellationToken = default) => database.MigrateAsync(SqlDestinationStore.Owner, cancellationToken);
}
