namespace Muniment.Cluster.Tests.Platform;

/// <summary>Every kind of grain that exists is there under real traffic, and none is missed when it ends in the middle of it.</summary>
[Collection(TwoSilos.Name)]
public sealed class EveryGrainTests(PlatformFixture fixture)
{
    public static TheoryData<string> Kinds => [.. PlatformCluster.Kinds.Keys];

    [Fact]
    public async Task Traffic_activates_every_kind_of_grain_that_exists()
    {
        await using Scenario scenario = await Scenario.StartAsync(fixture.Cluster, [fixture.Cluster.Door(0), fixture.Cluster.Door(1)], 2, 6);
        await scenario.LostNothingAsync();
        SimpleGrainStatistic[] statistics = await fixture.Cluster.Management.GetSimpleGrainStatistics();
        foreach ((string kind, Type type) in PlatformCluster.Kinds)
        {
            Assert.True(statistics.Any(s => s.GrainType.Split(',')[0] == type.FullName && s.ActivationCount > 0), $"{type.FullName} is not among {string.Join(", ", statistics.Select(s => s.GrainType))}");
            Assert.NotEmpty(await fixture.Cluster.ActivationsAsync(kind, scenario.Tenant));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_kind_that_ends_again_and_again_in_mid_flow_is_not_missed(string kind)
    {
        await using Scenario scenario = await Scenario.StartAsync(fixture.Cluster, [fixture.Cluster.Door(0), fixture.Cluster.Door(1)], 3, 30);
        int ended = 0;
        for (int i = 1; i <= 4; i++)
        {
            await scenario.Load.ReachedAsync(i / 6.0);
            ended += await EndAllAsync(kind, scenario);
        }

        // A kind that is asked by something slow may have been between two questions at each of these moments.
        await Scenario.Until(async () => ended > 0 || (ended += await EndAllAsync(kind, scenario)) > 0, () => $"no activation of {kind} was there to end");
        await scenario.LostNothingAsync();
    }

    private async Task<int> EndAllAsync(string kind, Scenario scenario)
    {
        IReadOnlyList<GrainId> grains = [.. await fixture.Cluster.ActivationsAsync(kind, scenario.Tenant)];
        foreach (GrainId grain in grains)
        {
            await fixture.Cluster.Silos.DeactivateAsync(grain);
        }

        return grains.Count;
    }
}
