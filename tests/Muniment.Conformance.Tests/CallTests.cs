using Muniment.Conformance.Tests.Grains;

namespace Muniment.Conformance.Tests;

/// <summary>Rules 5, 6, 7: timeouts, cancellation, exceptions.</summary>
public sealed class CallTests(ClusterFixture fixture) : ConformanceTest(fixture)
{
    [Fact]
    public async Task A_caller_gets_TimeoutException_and_the_callee_runs_on()
    {
        ITurns grain = Grain<ITurns>();
        do
        {
            await Assert.ThrowsAsync<TimeoutException>(() => grain.HoldWithShortTimeout("a"));
        }
        while (Script.Events.Count == 0); // on a starved machine its time may be up before it could start, which the next test is about

        Assert.Equal(["at a"], Script.Events);
        Script.Open("a");
        await Script.Happened("past a");
        await grain.Note("next");
    }

    [Fact]
    public async Task A_call_whose_time_is_up_before_it_could_start_is_not_started()
    {
        ITurns grain = Grain<ITurns>();
        Task first = grain.Hold("a");
        await Script.Reached("a");
        await Assert.ThrowsAsync<TimeoutException>(() => grain.NoteWithShortTimeout("too late"));
        Script.Open("a");
        await first;
        await grain.Note("next");
        Assert.Equal(0, Script.Count("too late"));
    }

    [Fact]
    public async Task An_exception_reaches_the_caller_with_type_and_text()
    {
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(() => Grain<ITurns>().Fail("as asked"));
        Assert.Equal("as asked", exception.Message);
    }

    [Fact]
    public async Task A_call_cancelled_before_it_is_made_is_not_made()
    {
        ITurns grain = Grain<ITurns>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => grain.HoldUntilCancelled("a", new CancellationToken(canceled: true)));
        await grain.Note("next");
        Assert.Equal(["next"], Script.Events);
    }

    [Fact]
    public async Task A_running_call_sees_its_token_cancelled_on_its_own_scheduler()
    {
        ITurns grain = Grain<ITurns>();
        using CancellationTokenSource source = new();
        Task call = grain.HoldUntilCancelled("a", source.Token);
        await Script.Reached("a");
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Script.Happened("cancelled");
        Assert.Equal(1, Script.Count("cancelled in turn"));
        await grain.Note("next");
    }

    [Fact]
    public async Task A_waiting_call_that_is_cancelled_is_not_started()
    {
        ITurns grain = Grain<ITurns>();
        Task first = grain.Hold("a");
        await Script.Reached("a");
        using CancellationTokenSource source = new();
        Task waiting = grain.HoldUntilCancelled("b", source.Token);
        Task probe = grain.Interleave("probe");
        await Script.Reached("probe");
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        // The cancellation is a message of its own: many later ones give it time to arrive.
        Script.Open("later");
        for (int i = 0; i < 100; i++) await grain.Interleave("later");
        Script.Open("probe");
        Script.Open("a");
        await Task.WhenAll(first, probe);
        await grain.Note("next");
        Assert.Equal(0, Script.Count("at b"));
    }

    [Fact]
    public async Task An_uncancelled_token_changes_nothing()
    {
        ITurns grain = Grain<ITurns>();
        Task call = grain.HoldUntilCancelled("a", CancellationToken.None);
        Script.Open("a");
        await call;
    }
}
