using Muniment.Delivery.Machine;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Machine;

/// <summary>A destination that refuses everything must not turn the log into dead letters.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData(40, false)]
    [InlineData(1000, false)]
    [InlineData(1000, true)]
    public async Task One_that_refuses_everything_is_held_and_goes_on_when_it_is_mended(int batch, bool named)
    {
        Simulation simulation = Refusing(batch, 300, named);
        await simulation.RunAsync(800);
        Assert.Equal(20, simulation.DeadLetters.Count);
        Assert.Equal((DeliveryCondition.Paused, ReasonCode.Misconfigured), (simulation.Machine.Condition, simulation.Machine.State.Reason!.Code));
        DateTimeOffset since = simulation.Machine.State.Reason.Since;
        Assert.True(simulation.Time.GetUtcNow() - since > TimeSpan.FromHours(1), "it is asked gently");
        simulation.Poison.Clear();
        await simulation.DrainAsync();
        Assert.Equal(Enumerable.Range(20, 280).Select(i => (long)i), simulation.Arrived.Select(a => a.Seq)); // by itself, in order, nothing left out
        Assert.Equal(20, simulation.Machine.Replay(simulation.DeadLetters.Values.Select(d => new Batches.ReplayItem(d.Seq, d.Epoch, d.N))));
        await simulation.DrainAsync();
        Assert.Equal(300, simulation.Arrived.Select(a => a.N).Distinct().Count());
        Assert.Empty(simulation.DeadLetters);
    }

    [Fact]
    public async Task Resume_lets_a_batch_pass_and_a_new_configuration_begins_anew()
    {
        Simulation simulation = Refusing(30, 400, named: false);
        await simulation.RunAsync(400);
        Assert.Equal(20, simulation.DeadLetters.Count);
        simulation.Command(m => m.Resume());
        await simulation.RunAsync(400);
        Assert.Equal(70, simulation.DeadLetters.Count); // the batch and twenty more
        simulation.Configure(Fixtures.Hec(""","batch":{"max_events":30,"max_refusals":20},"format":"flat" """));
        await simulation.RunAsync(400);
        Assert.Equal(90, simulation.DeadLetters.Count);
        Assert.Equal(DeliveryCondition.Paused, simulation.Machine.Condition);
    }

    [Fact]
    public async Task Bad_records_among_good_ones_hold_nothing_up()
    {
        Simulation simulation = Refusing(50, 400, named: false);
        simulation.Poison.RemoveWhere(seq => seq % 15 == 0); // fourteen in a row, again and again
        await simulation.DrainAsync();
        Assert.Equal(simulation.Poison.Count, simulation.DeadLetters.Count);
        Assert.Equal(DeliveryCondition.Running, simulation.Machine.Condition);
    }

    [Fact]
    public async Task What_is_refused_again_when_replayed_holds_nothing_up()
    {
        Simulation simulation = Refusing(50, 200, named: false);
        simulation.Poison.RemoveWhere(seq => seq % 15 == 0);
        await simulation.DrainAsync();
        int dead = simulation.DeadLetters.Count;
        simulation.Command(m => m.Replay(simulation.DeadLetters.Values.Select(d => new Batches.ReplayItem(d.Seq, d.Epoch, d.N))));
        await simulation.DrainAsync();
        Assert.Equal((dead, DeliveryCondition.Running), (simulation.DeadLetters.Count, simulation.Machine.Condition));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_refused_whole_item_by_item_makes_no_dead_letters(bool unnamed)
    {
        Simulation simulation = new(3, Fixtures.Hec(""","batch":{"max_events":50,"max_refusals":20}""")) { RefusesItems = true, Unnamed = unnamed };
        simulation.Source.Add(100);
        await simulation.RunAsync(100);
        Assert.Equal((0, 0L, DeliveryCondition.Paused), (simulation.DeadLetters.Count, simulation.Machine.Position(), simulation.Machine.Condition));
        simulation.RefusesItems = false;
        await simulation.DrainAsync();
        Assert.Equal(100, simulation.Arrived.Count);
    }

    private static Simulation Refusing(int batch, int count, bool named)
    {
        Simulation simulation = new(1, Fixtures.Hec($$""","batch":{"max_events":{{batch}},"max_refusals":20}""")) { NamesTheBadOne = named };
        simulation.Source.Add(count);
        simulation.Poison.UnionWith(Enumerable.Range(0, count).Select(i => (long)i));
        return simulation;
    }
}
