using Muniment.Messages.Destinations;
using Muniment.Messages.Tenants;
using Orleans.TestingHost;

namespace Muniment.Cluster.Tests.Platform;

/// <summary>A silo that has grains of every kind is killed in mid-flow.</summary>
public sealed class KilledSiloTests
{
    private const int MostTenants = 16;
    private const int MostMoves = 100;

    [Fact]
    public async Task Nothing_is_lost_when_a_silo_with_every_kind_of_grain_is_killed()
    {
        await using PlatformStore store = await PlatformStore.OpenAsync();
        await using PlatformCluster cluster = await PlatformCluster.StartAsync(store, 2);
        InProcessSiloHandle going = await GatherSinglesAsync(cluster);
        IGrainFactory door = cluster.Door(cluster.Silos.Silos[0].SiloAddress.Equals(going.SiloAddress) ? 1 : 0);
        List<Scenario> scenarios = [];
        do
        {
            Assert.True(scenarios.Count < MostTenants, $"after {MostTenants} tenants the silo has only: {string.Join(", ", await KindsOnAsync(cluster, going))}");
            scenarios.Add(await Scenario.StartAsync(cluster, [door], 2, 40, most: 0.5)); // so that no machine is too slow to meet them in mid-flow
        }
        while (!(await KindsOnAsync(cluster, going)).SetEquals(PlatformCluster.Kinds.Keys));

        await scenarios[^1].Load.ReachedAsync(0.2);
        await cluster.Silos.KillSiloAsync(going);
        Assert.All(scenarios, scenario => Assert.False(scenario.Load.Completion.IsCompleted));
        foreach (Scenario scenario in scenarios)
        {
            scenario.Load.GoOn();
        }

        foreach (Scenario scenario in scenarios)
        {
            await scenario.LostNothingAsync();
            await scenario.DisposeAsync();
        }
    }

    /// <summary>Brings the grains that are one for all tenants together on one silo, by ending the second until it comes up beside the first.</summary>
    private static async Task<InProcessSiloHandle> GatherSinglesAsync(PlatformCluster cluster)
    {
        IDestinationSweeperGrain sweeper = cluster.Grains.GetGrain<IDestinationSweeperGrain>("0");
        ITenantDirectoryGrain directory = cluster.Grains.GetGrain<ITenantDirectoryGrain>(ITenantDirectoryGrain.Key);
        await sweeper.Start();
        InProcessSiloHandle silo = await cluster.SiloOfAsync(sweeper.GetGrainId());
#if !ORLEANS_LOCAL
        // The stand-in places by chance; here it is asked for. Ends with this method, as the context of any asynchronous method does.
        RequestContext.Set(Orleans.Runtime.Placement.IPlacementDirector.PlacementHintKey, silo.SiloAddress);
#endif
        for (int i = 0; i < MostMoves; i++)
        {
            await cluster.Door(i % 2).GetGrain<ITenantDirectoryGrain>(ITenantDirectoryGrain.Key).List(-1);
            if ((await cluster.SiloOfAsync(directory.GetGrainId())).SiloAddress.Equals(silo.SiloAddress))
            {
                return silo;
            }

            await cluster.Silos.DeactivateAsync(directory);
        }

        throw new TimeoutException("the tenant directory never came up beside the sweeper");
    }

    private static async Task<HashSet<string>> KindsOnAsync(PlatformCluster cluster, InProcessSiloHandle silo) =>
        [.. (await cluster.Management.GetDetailedGrainStatistics(null, [silo.SiloAddress])).Select(s => s.GrainId.Type.ToString()!).Where(PlatformCluster.Kinds.ContainsKey)];
}
