using Microsoft.Extensions.Hosting;
using Orleans.Hosting;

namespace Orleans.TestingHost;

/// <summary>Builds a cluster of logical silos in this process.</summary>
public sealed class InProcessTestClusterBuilder
{
    private readonly List<Action<IClientBuilder>> _client = [];

    /// <summary>A cluster of two silos.</summary>
    public InProcessTestClusterBuilder() : this(2) { }

    /// <summary>A cluster of some silos.</summary>
    public InProcessTestClusterBuilder(short initialSilosCount) => Options.InitialSilosCount = initialSilosCount;

    /// <summary>The options.</summary>
    public InProcessTestClusterOptions Options { get; } = new();

    /// <summary>Configures each silo.</summary>
    public InProcessTestClusterBuilder ConfigureSilo(Action<InProcessTestSiloSpecificOptions, ISiloBuilder> configureSiloDelegate) =>
        ConfigureSiloHost((options, host) => host.UseOrleans(silo => configureSiloDelegate(options, silo)));

    /// <summary>Configures each silo's host.</summary>
    public InProcessTestClusterBuilder ConfigureSiloHost(Action<InProcessTestSiloSpecificOptions, IHostApplicationBuilder> configureSiloHostDelegate)
    {
        Options.SiloHostConfigurationDelegates.Add(configureSiloHostDelegate);
        return this;
    }

    /// <summary>Configures the client.</summary>
    public InProcessTestClusterBuilder ConfigureClient(Action<IClientBuilder> configureClientDelegate)
    {
        _client.Add(configureClientDelegate);
        return this;
    }

    /// <summary>Builds it; <see cref="InProcessTestCluster.DeployAsync"/> starts it.</summary>
    public InProcessTestCluster Build() => new(Options, _client);
}

/// <summary>What a test cluster is like.</summary>
public sealed class InProcessTestClusterOptions
{
    /// <summary>Number of silos at the start.</summary>
    public short InitialSilosCount { get; set; }

    /// <summary>Each is called for each silo.</summary>
    public List<Action<InProcessTestSiloSpecificOptions, IHostApplicationBuilder>> SiloHostConfigurationDelegates { get; } = [];
}

/// <summary>What tells one silo from another.</summary>
public sealed class InProcessTestSiloSpecificOptions
{
    /// <summary>Name of the silo.</summary>
    public string SiloName { get; set; } = "";
}
