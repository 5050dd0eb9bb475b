using Muniment.Conformance.Tests.Grains;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace Muniment.Conformance.Tests;

/// <summary>Rule 11 by the clock: activations that reach their age are collected without being asked. Short ages, waited for by event.</summary>
public sealed class IdleAgeTests : IAsyncLifetime
{
    private readonly InProcessTestCluster _cluster = ClusterFixture.Build(1, silo => silo.Configure<GrainCollectionOptions>(options =>
    {
        options.CollectionQuantum = TimeSpan.FromSeconds(1);
        options.CollectionAge = TimeSpan.FromSeconds(5); // long beside the 20 ms of the timer that keeps its grain, also on a machine that stands still for a while
    }));

    private readonly string _key = Guid.NewGuid().ToString("N");

    public Task InitializeAsync() => _cluster.DeployAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Age_collects_what_is_idle_and_leaves_what_is_kept_alive()
    {
        IIdle idle = _cluster.Client.GetGrain<IIdle>(_key);
        ITicking ticking = _cluster.Client.GetGrain<ITicking>(_key + "-ticking");
        ITicking keeping = _cluster.Client.GetGrain<ITicking>(_key + "-keeping");
        IIdle delayed = _cluster.Client.GetGrain<IIdle>(_key + "-delayed");
        await keeping.Start("tick", 0, 20, interleave: false, keepAlive: true);
        await delayed.Delay(TimeSpan.FromHours(1));
        string kept = await keeping.Life();
        string held = await delayed.Life();

        // A plain timer's token is cancelled when its activation ends, which is how the end is seen here.
        await ticking.Start("tick", 0, 20, interleave: false, keepAlive: false);
        await idle.Life();

        await Script.Of(_key).Happened("deactivated ActivationIdle");
        await Script.Of(_key + "-ticking").Happened("tick token cancelled");
        Assert.Equal(kept, await keeping.Life());
        Assert.Equal(held, await delayed.Life());
    }
}
