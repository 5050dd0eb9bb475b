using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Muniment.Grains.Administration;
using Muniment.Grains.Budgets;
using Muniment.Grains.Destinations;
using Muniment.Grains.Journal;
using Muniment.Grains.Sessions;
using Muniment.Grains.Tenants;
using Muniment.Journal;
using Muniment.Journal.Sessions;
using Muniment.Silo.Destinations;
using Muniment.Silo.Sessions;
using Muniment.Silo.State;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;

namespace Muniment.Silo;

/// <summary>Composition of a silo: grain storage, clustering, limits, and the services that grains take in their constructors.</summary>
public static class MunimentSilo
{
    /// <summary>Name of the grain storage provider that all our grains use.</summary>
    public const string StorageName = "muniment";

    /// <summary>A hot grain's queue is bounded, else it grows until callers time out (Orleans' own default is no limit).</summary>
    private const int MaxEnqueuedRequests = 20_000;

    /// <summary>Adds a silo over an open journal to a host. The caller has brought the tables of <see cref="MigrateAsync"/> up to date.</summary>
    public static void AddMunimentSilo(this IHostApplicationBuilder builder, JournalStore store, DestinationOptions destinations)
    {
        store.AddTo(builder.Services);
        builder.Services.AddMunimentGrains(builder.Configuration, destinations);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering();
            ConfigureSilo(silo);
        });
    }

    /// <summary>What every silo has, in a host and in a test cluster alike.</summary>
    public static void ConfigureSilo(ISiloBuilder silo)
    {
        silo.Services.AddGrainStorage(StorageName, (services, _) => new SqlGrainStorage(services.GetRequiredService<Muniment.Journal.Storage.IStateDatabase>()));
        silo.Configure<SiloMessagingOptions>(o => o.MaxEnqueuedRequestsHardLimit = MaxEnqueuedRequests);
        // Every start begins the sweeper again, so its reminder need not outlive the process; a cluster keeps reminders in its database.
        silo.UseInMemoryReminderService();
        silo.AddActivityPropagation();
    }

    /// <summary>Brings the tables of the silo's own parts up to date.</summary>
    public static async Task MigrateAsync(JournalStore store, CancellationToken cancellationToken)
    {
        await store.Database.MigrateAsync(SqlGrainStorage.Tables, cancellationToken);
        await store.Database.MigrateAsync(SessionTable.Owner, cancellationToken);
        await store.Database.MigrateAsync(SqlPolicyStore.Owner, cancellationToken);
        await DestinationServices.MigrateAsync(store.Database, cancellationToken);
    }

    /// <summary>Services of the grains.</summary>
    public static void AddMunimentGrains(this IServiceCollection services, IConfiguration configuration, DestinationOptions destinations)
    {
        services.AddOptions<JournalLimits>().Bind(configuration.GetSection("Journal"));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<JournalInstruments>();
        services.TryAddSingleton<IAdminRecorder, JournalAdminRecorder>();
        services.AddDestinations(destinations);
        services.AddSingleton<BudgetReader>();
        services.TryAddSingleton<IPolicyStore, SqlPolicyStore>();
        services.AddSessions(configuration);
        services.TryAddSingleton<AppendSignal>();
        services.TryAddSingleton<ReaderHints>();
        services.AddSingleton<IAppendHints>(s => new AppendHintsFanOut([s.GetRequiredService<DestinationHints>(), s.GetRequiredService<SessionHints>(), s.GetRequiredService<ReaderHints>()]));
    }
}
