using Muniment.Conformance.Tests.Grains;

namespace Muniment.Conformance.Tests;

/// <summary>Rule 2: which request may start while another runs.</summary>
public sealed class AdmissionTests(ClusterFixture fixture) : ConformanceTest(fixture)
{
    [Fact]
    public async Task A_request_waits_until_the_running_one_has_ended()
    {
        ITurns grain = Grain<ITurns>();
        Task first = grain.Hold("a");
        await Script.Reached("a");
        Task second = grain.Note("second");
        // An interleaving call passes through the same queue behind the second one: when it has run, the second one could have run as well.
        Task probe = grain.Interleave("probe");
        await Script.Reached("probe");
        Assert.Equal(["at a", "at probe"], Script.Events);
        Script.Open("probe");
        Script.Open("a");
        await Task.WhenAll(first, second, probe);
        Assert.True(Script.Events.ToList().IndexOf("past a") < Script.Events.ToList().IndexOf("second"));
    }

    [Fact]
    public async Task An_interleaving_request_blocks_nobody()
    {
        ITurns grain = Grain<ITurns>();
        Task interleaving = grain.Interleave("i");
        await Script.Reached("i");
        await grain.Note("ordinary");
        Script.Open("i");
        await interleaving;
        Assert.Equal(["at i", "ordinary", "past i"], Script.Events);
    }

    [Fact]
    public async Task Reads_run_beside_reads()
    {
        ITurns grain = Grain<ITurns>();
        Task[] reads = [grain.Read("r1"), grain.Read("r2")];
        await Script.Reached("r1");
        await Script.Reached("r2");
        Script.Open("r1");
        Script.Open("r2");
        await Task.WhenAll(reads);
    }

    [Fact]
    public async Task A_write_waits_for_a_read_and_a_read_for_a_write()
    {
        ITurns grain = Grain<ITurns>();
        Task read = grain.Read("r");
        await Script.Reached("r");
        Task write = grain.Hold("w");
        Task probe = grain.Interleave("probe");
        await Script.Reached("probe");
        Assert.Equal(0, Script.Count("at w"));
        Script.Open("r");
        await Script.Reached("w");
        Task read2 = grain.Read("r2");
        Task probe2 = grain.Interleave("probe2");
        await Script.Reached("probe2");
        Assert.Equal(0, Script.Count("at r2"));
        foreach (string gate in (string[])["w", "r2", "probe", "probe2"]) Script.Open(gate);
        await Task.WhenAll(read, write, probe, probe2, read2);
    }

    [Fact]
    public async Task Requests_of_a_reentrant_class_interleave()
    {
        IReentrantTurns grain = Grain<IReentrantTurns>();
        Task first = grain.Hold("a");
        Task second = grain.Hold("b");
        await Script.Reached("a");
        await Script.Reached("b");
        Script.Open("a");
        Script.Open("b");
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task A_cycle_of_calls_ends_by_timeout()
    {
        ITurns grain = Grain<ITurns>();
        await Assert.ThrowsAsync<TimeoutException>(() => grain.CallBack(Key + "-other", "unused"));
    }

    [Fact]
    public async Task A_one_way_call_completes_when_it_was_sent()
    {
        ITurns grain = Grain<ITurns>();
        await grain.HoldOneWay("a");
        await Script.Reached("a");
        Assert.Equal(0, Script.Count("past a"));
        Script.Open("a");
        await Script.Happened("past a");
    }

    [Fact]
    public async Task A_failing_one_way_call_troubles_nobody()
    {
        ITurns grain = Grain<ITurns>();
        await grain.FailOneWay();
        await Script.Happened("failing");
        await grain.Note("still there");
    }
}
