using Orleans.Hosting;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds a silo to a host.</summary>
public static class GenericHostExtensions
{
    /// <summary>Adds a silo with what Services say.</summary>
    public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder) => hostAppBuilder.UseOrleans(static _ => { });

    /// <summary>Adds a silo and configures it.</summary>
    public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder, Action<ISiloBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(hostAppBuilder);
        configureDelegate(SiloBuilder.Of(hostAppBuilder.Services, hostAppBuilder.Configuration));
        return hostAppBuilder;
    }

    /// <summary>Adds a silo with what Services say.</summary>
    public static HostApplicationBuilder UseOrleans(this HostApplicationBuilder hostAppBuilder) => hostAppBuilder.UseOrleans(static _ => { });

    /// <summary>Adds a silo and configures it.</summary>
    public static HostApplicationBuilder UseOrleans(this HostApplicationBuilder hostAppBuilder, Action<ISiloBuilder> configureDelegate)
    {
        ((IHostApplicationBuilder)hostAppBuilder).UseOrleans(configureDelegate);
        return hostAppBuilder;
    }

    /// <summary>Adds a silo and configures it.</summary>
    public static IHostBuilder UseOrleans(this IHostBuilder hostBuilder, Action<ISiloBuilder> configureDelegate) =>
        hostBuilder.ConfigureServices((context, services) => configureDelegate(SiloBuilder.Of(services, context.Configuration)));
}
