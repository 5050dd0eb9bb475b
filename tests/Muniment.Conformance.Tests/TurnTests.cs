using Muniment.Conformance.Tests.Grains;

namespace Muniment.Conformance.Tests;

/// <summary>Rule 1: one turn at a time.</summary>
public sealed class TurnTests(ClusterFixture fixture) : ConformanceTest(fixture)
{
    [Fact]
    public async Task Sub_tasks_of_one_request_never_run_at_the_same_time()
    {
        ITurns grain = Grain<ITurns>();
        for (int i = 0; i < 20; i++) Assert.Equal(300, await grain.CountInSubTasks(3, 100));
    }

    [Fact]
    public async Task What_a_request_awaits_or_starts_comes_back_to_the_activation()
    {
        Assert.All(await Grain<ITurns>().KeepsScheduler(), Assert.True);
    }

    [Fact]
    public async Task Async_locals_flow_within_a_request_but_not_from_the_caller()
    {
        Flow.Value.Value = "caller";
        Assert.Equal<string>(["nothing", "grain"], (await Grain<ITurns>().AsyncLocals()).AsEnumerable());
        Assert.Equal("caller", Flow.Value.Value);
    }

    [Fact]
    public async Task References_may_be_used_from_any_thread_at_once()
    {
        ITurns grain = Grain<ITurns>();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => grain.Note("called"))));
        Assert.Equal(200, Script.Count("called"));
    }

    [Fact]
    public async Task Every_shape_of_task_is_answered()
    {
        ITurns grain = Grain<ITurns>();
        await grain.Note("task");
        await grain.Nothing();
        Assert.Equal(1, await grain.CountInSubTasks(1, 1));
        Assert.Single(Script.Events);
    }
}
