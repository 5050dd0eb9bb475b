using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Local.Silos;
using Orleans.Runtime.Hosting;

namespace Orleans.Hosting;

/// <summary>What can be said to a silo builder. (Microsoft Orleans spreads these methods over several classes; as extension methods they read the same.)</summary>
public static class SiloBuilderExtensions
{
    /// <summary>Configures options.</summary>
    public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, Action<TOptions> configureOptions) where TOptions : class
    {
        builder.Services.Configure(configureOptions);
        return builder;
    }

    /// <summary>Binds options to configuration.</summary>
    public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, IConfiguration configuration) where TOptions : class
    {
        builder.Services.Configure<TOptions>(configuration);
        return builder;
    }

    /// <summary>Adds services.</summary>
    public static ISiloBuilder ConfigureServices(this ISiloBuilder builder, Action<IServiceCollection> configureDelegate)
    {
        configureDelegate(builder.Services);
        return builder;
    }

    /// <summary>Configures logging.</summary>
    public static ISiloBuilder ConfigureLogging(this ISiloBuilder builder, Action<ILoggingBuilder> configureLogging)
    {
        builder.Services.AddLogging(configureLogging);
        return builder;
    }

    /// <summary>Adds a filter that sees every call.</summary>
    public static ISiloBuilder AddIncomingGrainCallFilter(this ISiloBuilder builder, IIncomingGrainCallFilter filter)
    {
        builder.Services.AddSingleton(filter);
        return builder;
    }

    /// <summary>Adds a filter that sees every call.</summary>
    public static ISiloBuilder AddIncomingGrainCallFilter<TImplementation>(this ISiloBuilder builder) where TImplementation : class, IIncomingGrainCallFilter
    {
        builder.Services.AddSingleton<IIncomingGrainCallFilter, TImplementation>();
        return builder;
    }

    /// <summary>Gives callees an activity of the source Microsoft.Orleans.Application whose parent is the caller's.</summary>
    public static ISiloBuilder AddActivityPropagation(this ISiloBuilder builder)
    {
        ((SiloBuilder)builder).Startup.PropagatesActivity = true;
        return builder;
    }

    /// <summary>Adds something to run when the silo has become active; tasks run by stage, and a failing one fails the start.</summary>
    public static ISiloBuilder AddStartupTask(this ISiloBuilder builder, Func<IServiceProvider, CancellationToken, Task> startupTask, int stage = 20000)
    {
        ((SiloBuilder)builder).Startup.Tasks.Add((stage, startupTask));
        return builder;
    }

    /// <summary>Accepted: one process is all there is. Only the names are kept.</summary>
    public static ISiloBuilder UseLocalhostClustering(
        this ISiloBuilder builder, int siloPort = 11111, int gatewayPort = 30000, IPEndPoint? primarySiloEndpoint = null, string serviceId = "dev", string clusterId = "dev") =>
        builder.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (serviceId, clusterId));

    /// <summary>Adds a storage in memory, for tests.</summary>
    public static ISiloBuilder AddMemoryGrainStorage(this ISiloBuilder builder, string name)
    {
        builder.Services.AddGrainStorage(name, (services, key) => services.GetRequiredService<LocalCluster>().MemoryStorages[key]);
        return builder;
    }

    /// <summary>Adds a storage in memory as the default one, for tests.</summary>
    public static ISiloBuilder AddMemoryGrainStorageAsDefault(this ISiloBuilder builder) => builder.AddMemoryGrainStorage("Default");

    /// <summary>Reminders on the <see cref="IReminderTable"/> that the services hold.</summary>
    public static ISiloBuilder AddReminders(this ISiloBuilder builder) => builder;

    /// <summary>Reminders in memory, for tests.</summary>
    public static ISiloBuilder UseInMemoryReminderService(this ISiloBuilder builder)
    {
        builder.Services.AddSingleton<IReminderTable>(services => services.GetRequiredService<LocalCluster>().MemoryReminders);
        return builder;
    }
}

/// <summary>What can be said to a client builder.</summary>
public static class ClientBuilderExtensions
{
    /// <summary>Configures options.</summary>
    public static IClientBuilder Configure<TOptions>(this IClientBuilder builder, Action<TOptions> configureOptions) where TOptions : class
    {
        builder.Services.Configure(configureOptions);
        return builder;
    }
}
