using System.Collections.ObjectModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Local.Silos;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>A cluster of logical silos in this process: each has a host and activations of its own, all share one directory.</summary>
public sealed class InProcessTestCluster : IAsyncDisposable
{
    private readonly LocalCluster _cluster = new();
    private readonly InProcessTestClusterOptions _options;
    private readonly List<InProcessSiloHandle> _silos = [];
    private readonly ServiceProvider _clientServices;
    private int _started;

    internal InProcessTestCluster(InProcessTestClusterOptions options, IEnumerable<Action<IClientBuilder>> client)
    {
        _options = options;
        ServiceCollection services = new();
        services.AddOptions();
        services.AddLogging();
        ConfigurationManager configuration = new();
        foreach (Action<IClientBuilder> configure in client) configure(new ClientBuilder(services, configuration));
        _clientServices = services.BuildServiceProvider();
        TimeSpan timeout = _clientServices.GetRequiredService<IOptions<ClientMessagingOptions>>().Value.ResponseTimeout;
        Client = new LocalGrainFactory(new(_cluster, null, timeout, PropagatesActivity: false), _clientServices);
    }

    /// <summary>A client outside the silos.</summary>
    public IClusterClient Client { get; }

    /// <summary>The silos that were started and not stopped or killed.</summary>
    public ReadOnlyCollection<InProcessSiloHandle> Silos => _silos.AsReadOnly();

    /// <summary>Starts the silos.</summary>
    public async Task DeployAsync()
    {
        for (int i = 0; i < _options.InitialSilosCount; i++) await StartAdditionalSiloAsync();
    }

    /// <summary>Starts one more silo.</summary>
    public async Task<InProcessSiloHandle> StartAdditionalSiloAsync()
    {
        InProcessTestSiloSpecificOptions options = new() { SiloName = _started == 0 ? "Primary" : $"Secondary_{_started}" };
        _started++;
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = options.SiloName });
        builder.Services.AddSingleton(_cluster);
        foreach (Action<InProcessTestSiloSpecificOptions, IHostApplicationBuilder> configure in _options.SiloHostConfigurationDelegates) configure(options, builder);
        builder.UseOrleans();
        IHost host = builder.Build();
        InProcessSiloHandle handle = new(options.SiloName, host);
        await host.StartAsync();
        _silos.Add(handle);
        return handle;
    }

    /// <summary>Stops a silo: its activations end properly.</summary>
    public async Task StopSiloAsync(InProcessSiloHandle instance)
    {
        _silos.Remove(instance);
        await instance.StopSiloAsync(stopGracefully: true);
        await instance.DisposeAsync();
    }

    /// <summary>Kills a silo: its activations are gone without OnDeactivateAsync, and calls to them fail with SiloUnavailableException.</summary>
    public async Task KillSiloAsync(InProcessSiloHandle instance)
    {
        _silos.Remove(instance);
        await instance.StopSiloAsync(stopGracefully: false);
    }

    /// <summary>Stops all silos properly.</summary>
    public async Task StopAllSilosAsync()
    {
        foreach (InProcessSiloHandle silo in Enumerable.Reverse(_silos).ToArray()) await StopSiloAsync(silo);
    }

    /// <summary>The services of a silo, by default of the first one.</summary>
    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null) =>
        (silo is null ? _silos[0] : _silos.Single(handle => handle.SiloAddress.Equals(silo))).ServiceProvider;

    /// <summary>Ends a grain's activation and waits for its end.</summary>
    public async Task DeactivateAsync(GrainId grainId)
    {
        if (_cluster.Find(grainId) is not { } activation) return;
        activation.Deactivate(new(DeactivationReasonCode.ApplicationRequested, $"{nameof(DeactivateAsync)} was called."));
        await activation.Deactivated;
    }

    /// <inheritdoc cref="DeactivateAsync(GrainId)"/>
    public Task DeactivateAsync(IAddressable grain) => DeactivateAsync(grain.GetGrainId());

    /// <summary>Completes when the grain's present activation has ended; at once when it has none.</summary>
    public Task WaitForDeactivationAsync(GrainId grainId) => _cluster.Find(grainId)?.Deactivated ?? Task.CompletedTask;

    /// <inheritdoc cref="WaitForDeactivationAsync(GrainId)"/>
    public Task WaitForDeactivationAsync(IAddressable grain) => WaitForDeactivationAsync(grain.GetGrainId());

    /// <summary>Nothing to wait for: the one directory is right at once.</summary>
    public Task WaitForLivenessToStabilizeAsync(bool didKill = false) => Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAllSilosAsync();
        await _clientServices.DisposeAsync();
    }
}
