using Muniment.Cluster.Tests.Platform;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Gateway.Deciding;

namespace Muniment.Cluster.Tests.Deciding;

/// <summary>
/// Limits over two gateways that share nothing but the cluster: each has its own copy of the policies, its own part of each budget and its own way into the journal, in another silo. Budget grains
/// end in the middle of it and count again from the decision events.
/// </summary>
[Collection(TwoSilos.Name)]
public sealed class BudgetBurstTests(PlatformFixture fixture)
{
    private readonly TenantId _tenant = TestTenants.New();

    [Fact]
    public async Task Two_hundred_calls_at_once_through_two_gateways_on_fifty_pass_exactly_fifty()
    {
        LimitGateway[] gateways = await SetUpAsync("limits: [{ id: fifty, per: project, calls: 50, window: 1d, then: deny }]");
        Decision[] all = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => gateways[i % 2].CallAsync()));
        Assert.Equal(50, all.Count(decision => decision.MayPass));
        Assert.All(all.Where(decision => !decision.MayPass), decision => Assert.Equal("fifty", decision.Exceeded!.Limit.Id));
    }

    [Fact]
    public async Task Budgets_that_end_between_bursts_are_counted_again_and_still_exactly_fifty_pass()
    {
        LimitGateway[] gateways = await SetUpAsync("limits: [{ id: fifty, per: project, calls: 50, window: 1d, then: deny }]");
        int allowed = 0;
        for (int burst = 0; burst < 10; burst++)
        {
            allowed += (await Task.WhenAll(Enumerable.Range(0, 8).Select(i => gateways[i % 2].CallAsync(settles: burst % 2 == 0)))).Count(decision => decision.MayPass);
            Assert.Equal(1, await EndBudgetsAsync());
        }

        Assert.Equal(50, allowed);
    }

    [Fact]
    public async Task Budgets_that_end_in_the_middle_of_a_burst_let_through_at_most_what_was_in_flight_then()
    {
        const int Callers = 8;
        LimitGateway[] gateways = await SetUpAsync("limits: [{ id: fifty, per: project, calls: 50, window: 1d, then: deny }]");
        int allowed = 0, ended = 0, asked = 0;
        Task[] callers = [.. Enumerable.Range(0, Callers).Select(i => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref asked) <= 200)
            {
                if ((await gateways[i % 2].CallAsync()).MayPass)
                {
                    Interlocked.Increment(ref allowed);
                }
            }
        }))];
        Task calls = Task.WhenAll(callers);
        for (int at = 10; at <= 40; at += 10)
        {
            await Scenario.Until(() => Task.FromResult(Volatile.Read(ref allowed) >= at || calls.IsCompleted), () => $"{allowed} calls passed");
            ended += await EndBudgetsAsync();
        }

        await calls;
        Assert.True(ended > 0);
        Assert.InRange(allowed, 50, 50 + (ended * Callers));

        // Whatever was over at that time, all of it is counted now.
        Assert.Equal(1, await EndBudgetsAsync());
        Assert.False((await gateways[0].CallAsync()).MayPass);
        Assert.False((await gateways[1].CallAsync()).MayPass);
    }

    [Fact]
    public async Task A_token_budget_is_over_by_at_most_what_calls_in_flight_used_beyond_their_reservation()
    {
        const int Reserved = 300, Used = 350, Limit = 20_000;
        LimitGateway[] gateways = await SetUpAsync($"limits: [{{ id: t, per: project, tokens: {Limit}, window: 1d, then: deny, on: [model.invoke] }}]");
        Decision[] all = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => gateways[i % 2].CallAsync(new DecisionCost(Reserved, 0), new UsagePart { Input = Used - 100, Output = 100 })));
        int allowed = all.Count(decision => decision.MayPass);
        long inFlight = gateways.Sum(gateway => gateway.MostInFlight);
        Assert.InRange((long)allowed * Used, 0, Limit + (inFlight * (Used - Reserved)));
        Assert.InRange(allowed, Limit / Used - 2, Limit / Reserved); // and it could be used, but for a part of a slice

        // Nothing of it is forgotten with the grain.
        Assert.Equal(1, await EndBudgetsAsync());
        while ((await gateways[0].CallAsync(new DecisionCost(Reserved, 0), new UsagePart { Input = Reserved })).MayPass)
        {
            allowed++;
            Assert.InRange(allowed, 0, Limit / Reserved);
        }
    }

    private async Task<int> EndBudgetsAsync()
    {
        GrainId[] budgets = await fixture.Cluster.ActivationsAsync("budget", _tenant);
        foreach (GrainId budget in budgets)
        {
            await fixture.Cluster.Silos.DeactivateAsync(budget);
        }

        return budgets.Length;
    }

    private Task<LimitGateway[]> SetUpAsync(string policy) => LimitGateway.SetUpAsync(fixture.Cluster, _tenant, policy);
}
