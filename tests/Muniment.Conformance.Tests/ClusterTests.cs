using Muniment.Conformance.Tests.Grains;
using Orleans.TestingHost;

namespace Muniment.Conformance.Tests;

/// <summary>Two silos: grains live on both, and go on when one is stopped or killed.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private const int Grains = 40;

    private readonly InProcessTestCluster _cluster = ClusterFixture.Build(2);
    private readonly string _key = Guid.NewGuid().ToString("N");

    public Task InitializeAsync() => _cluster.DeployAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Grains_live_on_both_silos()
    {
        Assert.Equal(2, _cluster.Silos.Count);
        Assert.Equal(2, (await SilosOfGrainsAsync()).Count);
    }

    [Fact]
    public async Task A_stopped_silo_ends_its_grains_properly_and_the_other_takes_over()
    {
        await SilosOfGrainsAsync();
        InProcessSiloHandle stopped = _cluster.Silos[1];
        await _cluster.StopSiloAsync(stopped);
        Assert.Single(_cluster.Silos);
        Assert.NotEqual(0, Enumerable.Range(0, Grains).Sum(i => Script.Of(KeyOf(i)).Count("deactivated ShuttingDown")));
        Assert.Single(await SilosOfGrainsAsync());
    }

    [Fact]
    public async Task The_grains_of_a_killed_silo_come_back_on_the_other()
    {
        await SilosOfGrainsAsync();
        await _cluster.KillSiloAsync(_cluster.Silos[1]);
        await _cluster.WaitForLivenessToStabilizeAsync(didKill: true);
        Assert.Single(await SilosOfGrainsAsync());
    }

    [Fact]
    public async Task Another_silo_can_join()
    {
        InProcessSiloHandle joined = await _cluster.StartAdditionalSiloAsync();
        Assert.True(joined.IsActive);
        Assert.Equal(3, _cluster.Silos.Count);
        Assert.NotNull(joined.ServiceProvider);
        await SilosOfGrainsAsync();
    }

    private string KeyOf(int i) => $"{_key}/{i}";

    private async Task<HashSet<string>> SilosOfGrainsAsync()
    {
        HashSet<string> silos = [];
        for (int i = 0; i < Grains; i++) silos.Add(await _cluster.Client.GetGrain<IIdle>(KeyOf(i)).Silo());
        return silos;
    }
}
