using System.Collections.Immutable;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Muniment.Egress;
using Muniment.Gateway.Destinations;
using Muniment.Gateway.Health;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Query;
using Muniment.Journal;
using Muniment.Journal.Storage;
using Muniment.Messages.Destinations;
using Muniment.Silo;
using Muniment.Silo.Destinations;
using Npgsql;

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

        if (!EgressRule.TryParseList(builder.Configuration["Egress:Allow"], out ImmutableArray<EgressRule> egress, out string? badRule))
        {
            return Refusal.Print($"--egress-allow {badRule}.");
        }

        DataDirectory data = DataDirectory.Of(builder.Configuration);
        data.RemoveRunFile();
        using ILoggerFactory loggers = LoggerFactory.Create(l => AddConsole(l));
        var failure = new StorageFailure();
        JournalOptions journal = StorageSettings.Read(builder.Configuration, data);
        await using JournalStore store = await JournalStore.OpenAsync(journal, failure, loggers);
        await MunimentSilo.MigrateAsync(store, CancellationToken.None);

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureMunimentListeners(gateway));
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = DrainLimit);
        string origin = builder.Configuration["Log:Origin"] ?? "muniment.local";
        builder.AddMunimentSilo(store, new DestinationOptions(data.ExportDirectory, egress, tenant => $"{origin}/{tenant}"));
        builder.Services.AddMunimentGateway(builder.Configuration);
        builder.Services.AddMunimentQuery();
        builder.Services.AddMunimentHealth();
        Telemetry.Add(builder);

        await using WebApplication app = builder.Build();
        app.MapMunimentGateway();
        app.MapQuery();
        app.MapDestinations();
        app.MapHealth();
        app.MapBackup(store, journal);
        try
        {
            await app.StartAsync();
        }
        catch (Exception e) when (e is IOException or AddressInUseException or SocketException)
        {
            return Refusal.Print(ListenerSafety.PortInUse(gateway, e));
        }

        Addresses addresses = Addresses.Of(app, gateway);
        ProtectOwnPorts(app.Services.GetRequiredService<PlatformEndpoints>(), addresses, journal);
        Readiness readiness = app.Services.GetRequiredService<Readiness>();
        failure.Bind(app.Lifetime);
        FirstKeys keys = await FirstStart.EnsureAsync(app.Services, data);
        data.WriteRunFile(addresses);
        await app.Services.GetRequiredService<IGrainFactory>().GetGrain<IDestinationSweeperGrain>("0").Start();
        readiness.Started();
        Banner.Print(addresses, data, keys);
        app.Lifetime.ApplicationStopping.Register(readiness.Stopping);
        await app.WaitForShutdownAsync();
        return failure.Exit(data);
    }

    /// <summary>No destination may reach the platform's own interface or its database, whatever the operator allows.</summary>
    private static void ProtectOwnPorts(PlatformEndpoints endpoints, Addresses addresses, JournalOptions journal)
    {
        foreach (string address in (string[])[addresses.Http, addresses.OtlpGrpc, addresses.OtlpHttp])
        {
            endpoints.AddListener(new Uri(address).Port);
        }

        if (journal is { Provider: StorageKind.Postgres, ConnectionString: { } text })
        {
            var connection = new NpgsqlConnectionStringBuilder(text);
            foreach (string host in (connection.Host ?? "localhost").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                endpoints.AddDatabase(host, connection.Port);
            }
        }
    }

    private static void ConfigureLogging(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        AddConsole(builder.Logging);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Orleans", LogLevel.Warning).AddFilter("System", LogLevel.Warning);
    }

    private static void AddConsole(ILoggingBuilder logging) => logging.AddSimpleConsole(o =>
    {
        o.SingleLine = true;
        o.TimestampFormat = "HH:mm:ss ";
        o.UseUtcTimestamp = true;
    });
}
