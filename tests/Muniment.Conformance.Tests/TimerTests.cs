using Muniment.Conformance.Tests.Grains;

namespace Muniment.Conformance.Tests;

/// <summary>Rule 12: timers are requests of the grain to itself.</summary>
public sealed class TimerTests(ClusterFixture fixture) : ConformanceTest(fixture)
{
    [Fact]
    public async Task A_timer_ticks_again_and_again_in_turns_of_the_grain()
    {
        await Grain<ITicking>().Start("tick", 0, 5, interleave: false, keepAlive: false);
        await Script.Happened("tick", 3);
        Assert.Equal(0, Script.Count("out of turn"));
    }

    [Fact]
    public async Task A_tick_waits_for_the_running_request()
    {
        ITicking grain = Grain<ITicking>();
        await grain.Start("tick", -1, -1, interleave: false, keepAlive: false);
        Task holding = grain.Hold("a");
        await Script.Reached("a");
        Task changed = grain.Change(0, -1);
        Script.Open("a");
        await Task.WhenAll(holding, changed);
        await Script.Happened("tick");
    }

    [Fact]
    public async Task An_interleaving_tick_does_not_wait_and_an_ordinary_one_does()
    {
        ITicking grain = Grain<ITicking>();
        await grain.Start("ordinary", 1, 1, interleave: false, keepAlive: false);
        await grain.Start("interleaving", 1, 1, interleave: true, keepAlive: false);
        Task holding = grain.Hold("a");
        await Script.Reached("a");
        int ordinary = Script.Count("ordinary");
        await Script.Happened("interleaving", Script.Count("interleaving") + 5);
        Assert.Equal(ordinary, Script.Count("ordinary"));
        Script.Open("a");
        await holding;
        await Script.Happened("ordinary", ordinary + 1);
    }

    [Fact]
    public async Task Ticks_of_one_timer_never_overlap_even_when_they_interleave()
    {
        ITicking grain = Grain<ITicking>();
        await grain.StartHolding("a", 1, interleave: true);
        await Script.Reached("a");
        // Other timers tick many times while this tick is held, so time has passed.
        await grain.Start("clock", 1, 1, interleave: true, keepAlive: false);
        await Script.Happened("clock", 10);
        Assert.Equal(1, Script.Count("tick begins"));
        Script.Open("a");
        await Script.Happened("tick begins", 2);
        Assert.Equal(["tick begins", "tick ends", "tick begins"], Script.Events.Where(e => e.StartsWith("tick ", StringComparison.Ordinal)).Take(3));
    }

    [Fact]
    public async Task A_failing_tick_is_followed_by_the_next()
    {
        await Grain<ITicking>().StartFailing("tick");
        await Script.Happened("tick", 3);
    }

    [Fact]
    public async Task A_disposed_timer_ticks_no_more_and_its_token_is_cancelled()
    {
        ITicking grain = Grain<ITicking>();
        await grain.Start("tick", 0, 1, interleave: false, keepAlive: false);
        await Script.Happened("tick");
        await grain.Stop();
        await Script.Happened("tick token cancelled");
        await ClockTicks(grain, 10);
        // One tick may have been waiting already; it comes with its token cancelled.
        Assert.InRange(Script.Events.SkipWhile(e => e != "stopped").Count(e => e == "tick"), 0, 1);
    }

    [Fact]
    public async Task Timers_end_with_their_activation()
    {
        ITicking grain = Grain<ITicking>();
        await grain.Start("tick", 0, 1, interleave: false, keepAlive: false);
        await Script.Happened("tick");
        await Cluster.DeactivateAsync(grain);
        int ticks = Script.Count("tick");
        Assert.NotEqual(0, Script.Count("tick token cancelled"));
        await ClockTicks(grain, 10);
        Assert.Equal(ticks, Script.Count("tick"));
    }

    [Fact]
    public async Task Change_sets_due_time_and_period()
    {
        ITicking grain = Grain<ITicking>();
        await grain.Start("tick", -1, -1, interleave: false, keepAlive: false);
        await grain.Change(0, 1);
        await Script.Happened("tick", 3);
    }

    [Fact]
    public async Task An_infinite_period_is_a_single_tick()
    {
        ITicking grain = Grain<ITicking>();
        await grain.Start("tick", 0, -1, interleave: false, keepAlive: false);
        await Script.Happened("tick");
        await ClockTicks(grain, 10);
        Assert.Equal(1, Script.Count("tick"));
    }

    [Fact]
    public async Task A_timer_cannot_be_registered_outside_of_turns() => Assert.True(await Grain<ITicking>().RegisteringOutsideATurnFails());

    [Fact]
    public async Task A_negative_period_is_refused() => Assert.True(await Grain<ITicking>().NegativePeriodFails());

    [Fact]
    public async Task The_context_of_the_registering_request_does_not_reach_the_ticks()
    {
        RequestContext.Set("who", "caller");
        await Grain<ITicking>().StartNotingContext();
        RequestContext.Clear();
        await Script.Happened("context nothing");
    }

    /// <summary>Lets time pass: another timer of the grain ticks so often.</summary>
    private async Task ClockTicks(ITicking grain, int times)
    {
        await grain.Start("clock", 1, 1, interleave: false, keepAlive: false);
        await Script.Happened("clock", times);
    }
}
