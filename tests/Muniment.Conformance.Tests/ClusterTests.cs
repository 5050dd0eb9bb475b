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
        // Placement looks at load as it was a moment ago, so the first grains may all come to one silo.
        HashSet<string> silos = [];
        long until = Environment.TickCount64 + (long)Script.Patience.TotalMilliseconds;
        for (int i = 0; silos.Count < 2 && Environment.TickCount64 < until; i++) silos.Add(await _cluster.Client.GetGrain<IIdle>(KeyOf(i)).Silo());
        Assert.Equal(2, silos.Count);
    }

    [Fact]
    public async Task A_stopped_silo_ends_its_grains_properly_and_the_other_takes_over()
    {
        InProcessSiloHandle stopped = _cluster.Silos[1];
        string key = await KeyOnAsync(stopped);
        await _cluster.StopSiloAsync(stopped);
        Assert.Single(_cluster.Silos);
        Assert.Equal(["deactivated ShuttingDown"], Script.Of(key).Events);
        Assert.Single(await SilosOfGrainsAsync());
    }

    [Fact]
    public async Task The_grains_of_a_killed_silo_come_back_on_the_other()
    {
        InProcessSiloHandle killed = _cluster.Silos[1];
        string key = await KeyOnAsync(killed);
        await _cluster.KillSiloAsync(killed);
        await _cluster.WaitForLivenessToStabilizeAsync(didKill: true);
        Assert.NotEqual(killed.SiloAddress.ToString(), await _cluster.Client.GetGrain<IIdle>(key).Silo());
        Assert.Single(await SilosOfGrainsAsync());
    }

    [Fact]
    public async Task A_call_that_runs_on_a_killed_silo_fails()
    {
        // From the other silo, because a client outside would have to find another gateway first.
        InProcessSiloHandle killed = _cluster.Silos[1];
        IGrainFactory other = (IGrainFactory)_cluster.Silos[0].ServiceProvider.GetService(typeof(IGrainFactory))!;
        string key = await KeyOnAsync(killed);
        Task call = other.GetGrain<IIdle>(key).Hold("a");
        await Script.Of(key).Reached("a");
        await _cluster.KillSiloAsync(killed);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => call.WaitAsync(Script.Patience));
        Script.Of(key).Open("a");
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

    /// <summary>The key of a grain that has its activation on that silo.</summary>
    private async Task<string> KeyOnAsync(InProcessSiloHandle silo)
    {
        long until = Environment.TickCount64 + (long)Script.Patience.TotalMilliseconds;
        for (int i = 0; Environment.TickCount64 < until; i++)
        {
            if (await _cluster.Client.GetGrain<IIdle>(KeyOf(i)).Silo() == silo.SiloAddress.ToString()) return KeyOf(i);
        }
        throw new TimeoutException($"No grain was placed on {silo.SiloAddress}.");
    }

    private string KeyOf(int i) => $"{_key}/{i}";

    private async Task<HashSet<string>> SilosOfGrainsAsync()
    {
        HashSet<string> silos = [];
        for (int i = 0; i < Grains; i++) silos.Add(await _cluster.Client.GetGrain<IIdle>(KeyOf(i)).Silo());
        return silos;
    }
}
