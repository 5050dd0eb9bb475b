using Muniment.Conformance.Tests.Grains;
using Orleans.Runtime.Hosting;
using Orleans.TestingHost;

namespace Muniment.Conformance.Tests;

/// <summary>One silo for all tests that need no special options.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    public InProcessTestCluster Cluster { get; } = Build(1);

    public static InProcessTestCluster Build(short silos, Action<ISiloBuilder>? more = null)
    {
        InProcessTestClusterBuilder builder = new(silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryGrainStorage("memory");
            silo.UseInMemoryReminderService();
            silo.Services.AddGrainStorage("faulty", static (_, _) => new FaultyStorage());
            silo.AddIncomingGrainCallFilter<NotingFilter>();
            silo.AddActivityPropagation();
#if !ORLEANS_LOCAL
            // Only to find a killed silo sooner; the stand-in needs no finding.
            silo.Configure<Orleans.Configuration.ClusterMembershipOptions>(options =>
            {
                options.ProbeTimeout = TimeSpan.FromSeconds(2); // and no sooner than a starved machine makes a living silo late
                options.NumMissedProbesLimit = 3;
            });
#endif
            more?.Invoke(silo);
        });
        return builder.Build();
    }

    public Task InitializeAsync() => Cluster.DeployAsync();

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class OneSilo : ICollectionFixture<ClusterFixture>
{
    public const string Name = "one silo";
}

/// <summary>What most tests begin with.</summary>
[Collection(OneSilo.Name)]
public abstract class ConformanceTest(ClusterFixture fixture)
{
    protected InProcessTestCluster Cluster => fixture.Cluster;

    /// <summary>Name of this test's script and of its grain.</summary>
    protected string Key { get; } = Guid.NewGuid().ToString("N");

    protected Script Script => Script.Of(Key);

    protected T Grain<T>(string suffix = "") where T : IGrainWithStringKey => Cluster.Client.GetGrain<T>(Key + suffix);
}
