using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Muniment.Events;
using Muniment.Events.Keys;
using Muniment.Gateway.Access;
using Muniment.Gateway.Deciding;
using Muniment.Journal;
using Muniment.Policy.Evaluation;

namespace Muniment.Host.Tests;

/// <summary>The record of calls that are forwarded: two events a call, and a third where the second is missing.</summary>
[Collection(nameof(RealHost))]
public sealed class InterruptedTests(RealHost host)
{
    private static readonly Caller Agent = new(TenantId.Default, "test-key", Role.Agent, null, null, false);

    private T Get<T>()
        where T : notnull => host.Services.GetRequiredService<T>();

    [Fact]
    public async Task A_call_without_its_second_event_is_marked_once_at_the_next_start()
    {
        Decision answered = await DecideAsync(settledLater: true);
        await Get<IDecisionLog>().AppendRespondAsync(answered, new DecisionAnswer { Usage = new() { Input = 10, Output = 5 } }, CancellationToken.None);
        Decision lost = await DecideAsync(settledLater: true);
        Decision asked = await DecideAsync(settledLater: false);
        Assert.True(await Start().MarkAsync(TenantId.Default, CancellationToken.None) >= 1);
        Assert.Equal(0, await Start().MarkAsync(TenantId.Default, CancellationToken.None));

        Assert.Equal(["model.invoke", "model.respond"], (await EventsAsync(answered)).Select(e => e.GetProperty("action").GetString()));
        Assert.Equal(5, (await EventsAsync(answered))[1].GetProperty("usage").GetProperty("output").GetInt32());
        JsonElement[] marked = await EventsAsync(lost);
        Assert.Equal(["model.invoke", "decision.interrupted"], marked.Select(e => e.GetProperty("action").GetString()));
        Assert.Equal(("interrupted", "error", "gpt-x", "up"), (
            marked[1].GetProperty("decision").GetProperty("outcome").GetString(), marked[1].GetProperty("result").GetString(), marked[1].GetProperty("model").GetProperty("requested").GetString(),
            marked[1].GetProperty("target").GetString()));
        Assert.Equal(marked[0].GetProperty("seq").GetInt64(), marked[1].GetProperty("details").GetProperty("request_seq").GetInt64());
        Assert.Single(await EventsAsync(asked));
    }

    [Fact]
    public async Task A_call_that_began_after_the_start_is_in_flight_not_interrupted()
    {
        InterruptedDecisions start = Start();
        Decision flying = await DecideAsync(settledLater: true);
        await start.MarkAsync(TenantId.Default, CancellationToken.None);
        Assert.Single(await EventsAsync(flying));
        await Get<IDecisionLog>().AppendRespondAsync(flying, new DecisionAnswer { Result = "error", Reason = "client_aborted" }, CancellationToken.None);
        Assert.Equal(["allowed", "error"], (await EventsAsync(flying)).Select(e => e.GetProperty("result").GetString()));
    }

    private InterruptedDecisions Start() => new(
        Get<IJournalReader>(), Get<ITenantStore>(), Get<ITenantKeyring>(), Get<DecisionLog>(), TimeProvider.System, NullLogger<InterruptedDecisions>.Instance);

    private async Task<Decision> DecideAsync(bool settledLater)
    {
        var context = new DecisionContext { Receiver = "llm", Surface = "chat", Correlation = "c-9" };
        var request = new DecisionRequest { Action = DecisionActions.ModelInvoke, Target = "up", Model = "gpt-x", Caller = new DecisionCaller { KeyId = Agent.KeyId } };
        Decision decision = await Get<IDecider>().DecideAsync(new DecisionCall(Agent, request, context) { IsSettledLater = settledLater }, _ => Inspection.None, CancellationToken.None);
        await Get<IDecisionLog>().AppendInvokeAsync(decision, CancellationToken.None);
        return decision;
    }

    private async Task<JsonElement[]> EventsAsync(Decision decision)
    {
        using HttpResponseMessage answer = await host.SendAsync("GET", "/api/v1/events?order=asc&decision=" + decision.Id, Role.Admin);
        return [.. JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("items").EnumerateArray()];
    }
}
