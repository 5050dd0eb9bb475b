using Muniment.Conformance.Tests.Grains;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace Muniment.Conformance.Tests;

/// <summary>Rule 11: idle activations are collected, and limits of the queue. A silo of its own, because collecting concerns every grain.</summary>
public sealed class CollectionTests : IAsyncLifetime
{
    private readonly InProcessTestCluster _cluster = ClusterFixture.Build(1, silo => silo.Configure<SiloMessagingOptions>(options => options.MaxEnqueuedRequestsHardLimit = 10));
    private readonly string _key = Guid.NewGuid().ToString("N");

    private IManagementGrain Management => _cluster.Client.GetGrain<IManagementGrain>(0);

    private IIdle Idle => _cluster.Client.GetGrain<IIdle>(_key);

    public Task InitializeAsync() => _cluster.DeployAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task An_idle_activation_is_collected_and_a_new_one_takes_the_next_call()
    {
        string life = await Idle.Life();
        await CollectAsync(TimeSpan.Zero);
        Assert.NotEqual(life, await Idle.Life());
        Assert.Equal(["deactivated ActivationIdle"], Script.Of(_key).Events);
    }

    [Fact]
    public async Task One_that_was_used_within_the_age_is_not()
    {
        string life = await Idle.Life();
        await CollectAsync(TimeSpan.FromHours(1));
        Assert.Equal(life, await Idle.Life());
    }

    [Fact]
    public async Task One_with_a_running_request_is_not()
    {
        Task held = Idle.Hold("a");
        await Script.Of(_key).Reached("a");
        await CollectAsync(TimeSpan.Zero);
        Assert.Equal(0, Script.Of(_key).Count("deactivated ActivationIdle"));
        Script.Of(_key).Open("a");
        await held;
    }

    [Fact]
    public async Task DelayDeactivation_holds_it_and_zero_lets_it_go()
    {
        string life = await Idle.Life();
        await Idle.Delay(TimeSpan.FromHours(1));
        await CollectAsync(TimeSpan.Zero);
        Assert.Equal(life, await Idle.Life());
        await Idle.Delay(TimeSpan.MaxValue);
        await CollectAsync(TimeSpan.Zero);
        Assert.Equal(life, await Idle.Life());
        await Idle.Delay(TimeSpan.Zero);
        await CollectAsync(TimeSpan.Zero);
        Assert.NotEqual(life, await Idle.Life());
    }

    [Fact]
    public async Task KeepAlive_classes_are_never_collected()
    {
        IKept grain = _cluster.Client.GetGrain<IKept>(_key);
        string life = await grain.Life();
        await CollectAsync(TimeSpan.Zero);
        Assert.Equal(life, await grain.Life());
    }

    [Fact]
    public async Task Timers_do_not_keep_an_activation_alive()
    {
        ITicking grain = _cluster.Client.GetGrain<ITicking>(_key);
        string life = await grain.Life();
        await grain.Start("tick", 3_600_000, 1000, interleave: false, keepAlive: false);
        await CollectAsync(TimeSpan.Zero);
        Assert.NotEqual(life, await grain.Life());
    }

    [Fact]
    public async Task A_full_queue_refuses_with_LimitExceededException()
    {
        ITurns grain = _cluster.Client.GetGrain<ITurns>(_key);
        Task held = grain.Hold("a");
        await Script.Of(_key).Reached("a");
        Task[] more = [.. Enumerable.Range(0, 40).Select(_ => grain.Note("noted"))];
        await Script.Of(_key).Reached("a");
        // Those beyond the limit are answered while the grain is still held.
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(async () => await await Task.WhenAny(more).WaitAsync(Script.Patience));
        Assert.IsType<LimitExceededException>(refused);
        Script.Of(_key).Open("a");
        await held;
        await Task.WhenAll(more.Select(task => task.ContinueWith(static _ => { }, TaskScheduler.Default)));
        Assert.InRange(more.Count(task => task.IsFaulted), 29, 31);
        await grain.Note("open again");
    }

    [Fact]
    public async Task The_management_grain_counts_activations()
    {
        await Idle.Life();
        await _cluster.Client.GetGrain<IKept>(_key).Life();
        Dictionary<SiloAddress, SiloStatus> hosts = await Management.GetHosts();
        Assert.Equal(SiloStatus.Active, Assert.Single(hosts).Value);
        Assert.Equal(_cluster.Silos[0].SiloAddress, hosts.Keys.Single());
        Assert.True(await Management.GetTotalActivationCount() >= 2);

        SimpleGrainStatistic[] simple = await Management.GetSimpleGrainStatistics();
        SimpleGrainStatistic idle = Assert.Single(simple, s => s.GrainType.Contains("IdleGrain", StringComparison.Ordinal));
        // Microsoft Orleans counts these in a meter of the whole process, so other clusters of this test run may add to it.
        Assert.NotEqual(0, idle.ActivationCount);
        Assert.Equal("Muniment.Conformance.Tests.Grains.IdleGrain,Muniment.Conformance.Tests", idle.GrainType);

        DetailedGrainStatistic[] detailed = await Management.GetDetailedGrainStatistics();
        DetailedGrainStatistic one = Assert.Single(detailed, d => d.GrainId == Idle.GetGrainId());
        Assert.Equal(idle.GrainType, one.GrainType);
        Assert.Single(await Management.GetDetailedGrainStatistics([idle.GrainType]));
    }

    private Task CollectAsync(TimeSpan age) => Management.ForceActivationCollection(age).WaitAsync(Script.Patience);
}
