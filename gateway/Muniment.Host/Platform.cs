using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Muniment.Gateway.Health;
using Muniment.Gateway.Hosting;
using Muniment.Journal;
using Muniment.Silo;
using Muniment.Silo.Destinations;

namespace Muniment.Host;

/// <summary>
/// The whole platform in one process, in this order:
/// <code>
/// settings → refusals in one sentence → journal opened (directory locked) → silo and gateway composed → ports → first key → run.json → ready → drain
/// </code>
/// </summary>
internal static class Platform
{
    /// <summary>Longest that a drain may take before the process ends anyway. Nothing durable depends on it.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(25);

    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings);
        ConfigureLogging(builder);
        var gateway = builder.Configuration.GetSection(GatewayOptions.Section).Get<GatewayOptions>() ?? new GatewayOptions();
        if (ListenerSafety.Refuse(gateway) is { } refusal)
        {
            return Refusal.Print(refusal);
        }

        if (ListenerSafety.RefuseCertificate(gateway) is { } certificate)
        {
            return Refusal.Print(certificate);
        }

        if (PortCheck.Refuse(gateway) is { } port)
        {
            return Refusal.Print(port);
        }

        if (ClusterSettings.Refuse(builder.Configuration) is { } cluster)
        {
            return Refusal.Print(cluster);
        }

        if (Telemetry.Refuse(builder.Configuration, gateway) is { } telemetry)
        {
            return Refusal.Print(telemetry);
        }

        DataDirectory data = DataDirectory.Of(builder.Configuration);
        if (!DestinationOptions.TryRead(builder.Configuration, data.ExportDirectory, out DestinationOptions? destinations, out string? badRule))
        {
            return Refusal.Print($"{badRule}.");
        }

        if (data.Make() is { } unusable)
        {
            return Refusal.Print(unusable);
        }

        using ILoggerFactory loggers = LoggerFactory.Create(l => AddConsole(l));
        var failure = new StorageFailure();
        JournalOptions journal = StorageSettings.Read(builder.Configuration, data);
        await using JournalStore store = await JournalStore.OpenAsync(journal, failure, loggers);
        // Only now: until the journal is ours the file may be that of a process that is running.
        data.RemoveRunFile();
        await MunimentSilo.MigrateAsync(store, CancellationToken.None);

        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = DrainLimit);
        Telemetry.Add(builder);
        await using WebApplication app = Composition.Build(builder, gateway, store, journal, destinations);
        try
        {
            await app.StartAsync();
        }
        catch (Exception e) when (e is IOException or AddressInUseException or SocketException)
        {
            return Refusal.Print(ListenerSafety.PortInUse(gateway, e));
        }

        Addresses addresses = Addresses.Of(app, gateway);
        OwnEndpoints.Protect(app.Services, addresses.Ports, journal);
        Readiness readiness = app.Services.GetRequiredService<Readiness>();
        failure.Bind(app.Lifetime);
        FirstKeys keys = await FirstStart.EnsureAsync(app.Services, data);
        data.WriteRunFile(addresses);
        await DestinationServices.StartAsync(app.Services, CancellationToken.None);
        readiness.Started();
        Banner.Print(addresses, data, keys);
        app.Lifetime.ApplicationStopping.Register(readiness.Stopping);
        await app.WaitForShutdownAsync();
        return failure.Exit(data);
    }

    private static void ConfigureLogging(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        AddConsole(builder.Logging);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Orleans", LogLevel.Warning).AddFilter("System", LogLevel.Warning).AddFilter("Yarp", LogLevel.Warning);
    }

    private static void AddConsole(ILoggingBuilder logging) => logging.AddSimpleConsole(o =>
    {
        o.SingleLine = true;
        o.TimestampFormat = "HH:mm:ss ";
        o.UseUtcTimestamp = true;
    });
}
