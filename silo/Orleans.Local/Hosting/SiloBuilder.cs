using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Local.Activations;
using Orleans.Local.Reminders;
using Orleans.Local.Silos;
using Orleans.Runtime;

namespace Orleans.Hosting;

/// <summary>Configures a silo.</summary>
public interface ISiloBuilder
{
    /// <summary>The host's services.</summary>
    IServiceCollection Services { get; }

    /// <summary>The host's configuration.</summary>
    IConfiguration Configuration { get; }
}

/// <summary>Configures a client outside the silos; only test clusters have one.</summary>
public interface IClientBuilder
{
    /// <summary>The client's services.</summary>
    IServiceCollection Services { get; }

    /// <summary>The client's configuration.</summary>
    IConfiguration Configuration { get; }
}

internal sealed class ClientBuilder(IServiceCollection services, IConfiguration configuration) : IClientBuilder
{
    public IServiceCollection Services => services;

    public IConfiguration Configuration => configuration;
}

internal sealed class SiloBuilder : ISiloBuilder
{
    public SiloBuilder(IServiceCollection services, IConfiguration configuration)
    {
        (Services, Configuration) = (services, configuration);
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton<LocalCluster>();
        services.TryAddSingleton(Startup);
        services.TryAddSingleton<LocalSilo>();
        services.TryAddSingleton<ReminderService>();
        services.TryAddSingleton<IClusterClient>(provider => provider.GetRequiredService<LocalSilo>().GrainFactory);
        services.TryAddSingleton<IGrainFactory>(provider => provider.GetRequiredService<IClusterClient>());
        services.TryAddScoped<GrainContextHolder>();
        services.TryAddScoped<IGrainContext>(provider =>
            provider.GetRequiredService<GrainContextHolder>().Context ?? throw new InvalidOperationException("IGrainContext can be had only in the scope of an activation."));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<LocalSilo>());
    }

    public IServiceCollection Services { get; }

    public IConfiguration Configuration { get; }

    public SiloStartup Startup { get; } = new();

    /// <summary>The builder of a host; there is one a host however often UseOrleans is called.</summary>
    public static SiloBuilder Of(IServiceCollection services, IConfiguration configuration)
    {
        if (services.FirstOrDefault(service => service.ServiceType == typeof(SiloBuilder))?.ImplementationInstance is SiloBuilder known) return known;
        SiloBuilder made = new(services, configuration);
        services.AddSingleton(made);
        return made;
    }
}
