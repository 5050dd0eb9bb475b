using Muniment.Conformance.Tests.Grains;
using Orleans.Storage;

namespace Muniment.Conformance.Tests;

/// <summary>Rules 9, 10 and 7: how activations begin and end.</summary>
public sealed class LifeTests(ClusterFixture fixture) : ConformanceTest(fixture)
{
    [Fact]
    public async Task Constructor_then_state_then_OnActivateAsync_then_the_request()
    {
        IStoring grain = Grain<IStoring>();
        await grain.Set(7);
        await Cluster.DeactivateAsync(grain);
        Assert.Equal(7, await grain.Get());
        Assert.Equal(
            ["constructed", "activated with 0 False", "deactivated ApplicationRequested", "disposed", "constructed", "activated with 7 True"], Script.Events);
    }

    [Fact]
    public async Task A_failing_activation_fails_the_call_and_the_next_call_tries_again()
    {
        IUnlucky grain = Grain<IUnlucky>();
        Exception exception = await Assert.ThrowsAnyAsync<Exception>(() => grain.Ping());
        Assert.Contains("not today", exception.ToString(), StringComparison.Ordinal);
        Script.Open("activation");
        Assert.Equal(2, await grain.Ping());
        Assert.Equal(0, Script.Count("deactivated"));
    }

    [Fact]
    public async Task Calls_wait_while_their_grain_is_activated()
    {
        IUnlucky grain = Grain<IUnlucky>();
        await Assert.ThrowsAnyAsync<Exception>(() => grain.Ping());
        Task<int>[] calls = [.. Enumerable.Range(0, 10).Select(_ => grain.Ping())];
        await Script.Reached("activation");
        Assert.All(calls, call => Assert.False(call.IsCompleted));
        Script.Open("activation");
        Assert.All(await Task.WhenAll(calls), count => Assert.Equal(2, count));
    }

    [Fact]
    public async Task A_failing_OnDeactivateAsync_is_only_logged()
    {
        IUnlucky grain = Grain<IUnlucky>();
        await Assert.ThrowsAnyAsync<Exception>(() => grain.Ping());
        Script.Open("activation");
        await grain.Ping();
        await Cluster.DeactivateAsync(grain);
        Assert.Equal(1, Script.Count("deactivated"));
        Assert.Equal(3, await grain.Ping());
    }

    [Fact]
    public async Task DeactivateOnIdle_lets_the_running_request_end_and_hands_waiting_ones_to_the_next_activation()
    {
        IStoring grain = Grain<IStoring>();
        string first = await grain.Life();
        Task ending = grain.End("a");
        await Script.Reached("a");
        Task<string> waiting = grain.Life();
        Assert.Equal(0, Script.Count("deactivated ApplicationRequested"));
        Script.Open("a");
        await ending;
        Assert.NotEqual(first, await waiting.WaitAsync(Script.Patience));
        Assert.Equal(1, Script.Count("deactivated ApplicationRequested"));
        Assert.Equal(2, Script.Count("constructed"));
    }

    [Fact]
    public async Task An_escaping_InconsistentStateException_ends_the_activation_it_came_from_and_no_other()
    {
        string caller = Key + "-caller";
        string life = await Grain<IStoring>().Life();
        for (int i = 0; i < 2; i++)
        {
            await Assert.ThrowsAsync<InconsistentStateException>(() => Cluster.Client.GetGrain<ICaller>(caller).CallStoring(Key));
        }
        Assert.NotEqual(life, await Grain<IStoring>().Life());
        await Script.Happened("deactivated ApplicationError", 2);
        Assert.Single(Script.Events.Where(e => e.StartsWith("caller ", StringComparison.Ordinal) && e != "caller saw it").Distinct());
    }

    [Fact]
    public async Task A_caught_InconsistentStateException_ends_nothing()
    {
        IStoring grain = Grain<IStoring>();
        string life = await grain.Life();
        await grain.FailInconsistentlyAndCatch();
        Assert.Equal(life, await grain.Life());
    }
}
