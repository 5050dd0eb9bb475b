using Muniment.Gateway.Deciding.Budgets;
using Muniment.Gateway.Tests.Hosting;
using Muniment.Grains.Budgets;
using Muniment.Messages.Budgets;

namespace Muniment.Gateway.Tests.Deciding;

/// <summary>Gateways' parts of a budget against the grain's ledger, in one process: what is passed on together never exceeds the limit, and nothing is lost for good.</summary>
public sealed class BudgetTests
{
    private static readonly BudgetSpec Fifty = new(50, 60_000, 0);

    [Fact]
    public async Task Two_hundred_calls_at_once_through_two_gateways_on_fifty_pass_exactly_fifty()
    {
        var world = new World();
        LocalBudget[] gateways = [world.Gateway(), world.Gateway()];
        LocalBudget.Reservation?[] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            LocalBudget.Reservation? reservation = await gateways[i % 2].ReserveAsync(Fifty, 1);
            reservation?.Settle(1);
            return reservation;
        })));
        Assert.Equal(50, answers.Count(answer => answer is not null));
    }

    [Fact]
    public async Task A_call_that_did_not_happen_leaves_its_place_to_another_gateway()
    {
        var world = new World();
        LocalBudget one = world.Gateway(), other = world.Gateway();
        var spec = new BudgetSpec(1, 60_000, 0);
        LocalBudget.Reservation first = (await one.ReserveAsync(spec, 1))!;
        Assert.Null(await other.ReserveAsync(spec, 1));
        first.Settle(0);
        await Until(() => world.Ledger.Available(spec) == 1);
        LocalBudget.Reservation second = (await other.ReserveAsync(spec, 1))!;
        second.Settle(1);
        first.Settle(1); // settled before: nothing happens
        Assert.Null(await one.ReserveAsync(spec, 1));
    }

    [Fact]
    public async Task A_slice_is_at_most_a_hundredth_and_serves_calls_without_asking()
    {
        var world = new World();
        LocalBudget gateway = world.Gateway();
        var spec = new BudgetSpec(100_000, 60_000, 0);
        for (int i = 0; i < 100; i++)
        {
            LocalBudget.Reservation reservation = (await gateway.ReserveAsync(spec, 10))!;
            reservation.Settle(10);
        }

        Assert.InRange(world.Asks.Count, 1, 3);
        Assert.InRange(100_000 - world.Ledger.Available(spec) - 1000, 0, 1000);
    }

    [Fact]
    public async Task Use_beyond_the_reservation_counts_and_stops_what_comes_after()
    {
        var world = new World();
        LocalBudget gateway = world.Gateway();
        var spec = new BudgetSpec(1000, 60_000, 0);
        LocalBudget.Reservation[] flying = [(await gateway.ReserveAsync(spec, 300))!, (await gateway.ReserveAsync(spec, 300))!];
        flying[0].Settle(800);
        Assert.Null(await gateway.ReserveAsync(spec, 1)); // 800 used and 300 reserved are over 1000
        flying[1].Settle(100);
        LocalBudget.Reservation? rest = await gateway.ReserveAsync(spec, 100);
        Assert.NotNull(rest);
        rest.Settle(100);
        Assert.Null(await gateway.ReserveAsync(spec, 0));
    }

    [Fact]
    public async Task What_lies_idle_is_given_back()
    {
        var world = new World();
        LocalBudget gateway = world.Gateway();
        var spec = new BudgetSpec(10_000, 60_000, 0);
        (await gateway.ReserveAsync(spec, 1))!.Settle(1);
        Assert.True(world.Ledger.Available(spec) < 9_999);
        world.Time.Advance(TimeSpan.FromMilliseconds(BudgetLimits.HeartbeatMs + 1));
        Assert.True(gateway.Tend());
        await Until(() => world.Ledger.Available(spec) == 9_999);
        Assert.True(gateway.Tend());
        world.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.False(gateway.Tend());
    }

    [Fact]
    public async Task A_gateway_that_is_gone_is_found_and_the_window_counted_again()
    {
        var world = new World();
        LocalBudget lost = world.Gateway(), other = world.Gateway();
        var spec = new BudgetSpec(10, 600_000, 0);
        for (int i = 0; i < 6; i++)
        {
            Assert.NotNull(await lost.ReserveAsync(spec, 1));
        }

        world.Events.Add(new BudgetUse(1, 4)); // four of the six had been recorded before it died
        world.Time.Advance(TimeSpan.FromMilliseconds(BudgetLimits.LeaseMs + 1));
        int passed = 0;
        while (await other.ReserveAsync(spec, 1) is { } reservation)
        {
            reservation.Settle(1);
            passed++;
        }

        Assert.Equal(6, passed);
    }

    [Fact]
    public async Task A_sliding_window_frees_what_has_left_it_and_not_before()
    {
        var world = new World();
        LocalBudget gateway = world.Gateway();
        var spec = new BudgetSpec(10, 60_000, -1);
        for (int i = 0; i < 10; i++)
        {
            (await gateway.ReserveAsync(spec, 1))!.Settle(1);
            gateway.Tend();
            Quiet([gateway]);
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Null(await gateway.ReserveAsync(spec, 1));
        world.Time.Advance(TimeSpan.FromSeconds(53));
        int passed = 0;
        while (await gateway.ReserveAsync(spec, 1) is { } reservation)
        {
            reservation.Settle(1);
            passed++;
        }

        Assert.InRange(passed, 2, 5);
    }

    [Fact]
    public async Task A_silent_grain_is_an_exception_and_its_lost_answer_costs_nothing()
    {
        var world = new World { LosesAnswers = 1 };
        LocalBudget gateway = world.Gateway();
        await Assert.ThrowsAsync<BudgetUnavailableException>(async () => await gateway.ReserveAsync(Fifty, 1));
        int passed = 0;
        while (await gateway.ReserveAsync(Fifty, 1) is not null)
        {
            passed++;
        }

        Assert.Equal(50, passed);
    }

    [Fact]
    public void A_count_takes_the_second_event_and_without_it_the_reservation()
    {
        var count = new BudgetCount("p:l/user:x/60s@0");
        count.Add(DecisionEvent("a", """[{"key":"p:l/user:x/60s@0","reserved":100},{"key":"other","reserved":7}]"""));
        count.Add(DecisionEvent("b", """[{"key":"p:l/user:x/60s@0","reserved":100}]"""));
        count.Add(DecisionEvent("a", """[{"key":"p:l/user:x/60s@0","used":30}]"""));
        count.Add(DecisionEvent("c", """[{"key":"p:l/user:x/60s@0","used":1}]"""));
        count.Add(DecisionEvent("d", """[{"key":"other","used":1}]"""));
        count.Add(DecisionEvent("e", """{"key":"p:l/user:x/60s@0"}"""));
        Assert.Equal(131, count.Finish().Sum(use => use.Amount));
    }

    [Fact]
    public void Whatever_happens_no_more_is_passed_than_the_limit_and_in_the_end_all_of_it_can_be_used()
    {
        for (int seed = 0; seed < 15; seed++)
        {
            Simulate(seed);
        }
    }

    private static void Simulate(int seed)
    {
        var random = new Random(seed);
        long limit = 1 + random.Next(random.Next(2) == 0 ? 90 : 3000);
        var spec = new BudgetSpec(limit, 600_000, 0);
        var world = new World();
        LocalBudget[] gateways = [world.Gateway(), world.Gateway(), world.Gateway()];
        List<(LocalBudget.Reservation Reservation, long Amount)> flying = [];
        long used = 0;
        for (int step = 0; step < 120; step++)
        {
            world.LosesAnswers = random.Next(12) == 0 ? 1 : 0;
            LocalBudget gateway = gateways[random.Next(3)];
            switch (random.Next(4))
            {
                case 0 when flying.Count > 0:
                    int at = random.Next(flying.Count);
                    long part = random.Next((int)flying[at].Amount + 1);
                    flying[at].Reservation.Settle(part);
                    flying.RemoveAt(at);
                    used += part;
                    break;
                case 1:
                    world.Time.Advance(TimeSpan.FromSeconds(random.Next(7)));
                    foreach (LocalBudget each in gateways)
                    {
                        each.Tend();
                    }

                    break;
                default:
                    long amount = 1 + random.Next((int)Math.Max(1, limit / 4));
                    try
                    {
                        if (Wait(gateway.ReserveAsync(spec, amount)) is { } reservation)
                        {
                            flying.Add((reservation, amount));
                        }
                    }
                    catch (BudgetUnavailableException)
                    {
                        // Its answer was lost; nothing is reserved.
                    }

                    break;
            }

            Quiet(gateways);
            Assert.True(used + flying.Sum(f => f.Amount) <= limit, $"seed {seed}, step {step}: {used} used and {flying.Sum(f => f.Amount)} reserved of {limit}");
        }

        world.LosesAnswers = 0;
        foreach ((LocalBudget.Reservation reservation, _) in flying)
        {
            reservation.Settle(0);
        }

        Quiet(gateways);

        // Everything idle comes back, whatever answers were lost before.
        for (int round = 0; round < 3; round++)
        {
            world.Time.Advance(TimeSpan.FromMilliseconds(BudgetLimits.HeartbeatMs + 1));
            foreach (LocalBudget each in gateways)
            {
                each.Tend();
            }

            Quiet(gateways);
        }

        Assert.True(limit - used == world.Ledger.Available(spec), $"seed {seed}: {world.Ledger.Available(spec)} available of {limit} with {used} used");
        Assert.Equal(limit > used, limit > used && Wait(gateways[0].ReserveAsync(spec, limit - used)) is not null);
    }

    private static void Quiet(IEnumerable<LocalBudget> gateways) => Assert.True(SpinWait.SpinUntil(() => gateways.All(gateway => !gateway.IsAsking), TimeSpan.FromSeconds(120)));

    private static T Wait<T>(ValueTask<T> task) => task.AsTask().WaitAsync(TimeSpan.FromSeconds(120)).GetAwaiter().GetResult();

    private static Muniment.Events.Canonical.CanonicalEvent DecisionEvent(string id, string limits) => new()
    {
        Id = id, Stream = "decision", Decision = System.Text.Encoding.UTF8.GetBytes($$"""{"id":"{{id}}"}"""), Details = System.Text.Encoding.UTF8.GetBytes($$"""{"limits":{{limits}}}"""),
    };

    private static async Task Until(Func<bool> condition)
    {
        long until = Environment.TickCount64 + 120_000;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < until, "did not happen in time");
            await Task.Delay(1);
        }
    }

    /// <summary>The grain: one ask at a time, counted again when a gateway is lost.</summary>
    private sealed class World
    {
        private readonly Lock _gate = new();

        public ManualTime Time { get; } = new();

        public BudgetLedger Ledger { get; private set; } = new("first", []);

        public List<BudgetUse> Events { get; } = [];

        public List<BudgetAsk> Asks { get; } = [];

        public int LosesAnswers { get; set; }

        public LocalBudget Gateway() => new("p:l/user:x/60s@0", message => Task.FromResult(Take(message)), Time);

        private BudgetGrant Take(BudgetAsk message)
        {
            lock (_gate)
            {
                long nowMs = Time.GetUtcNow().ToUnixTimeMilliseconds();
                if (Ledger.HasLost(nowMs, message.Holder))
                {
                    Ledger = new BudgetLedger(Guid.NewGuid().ToString(), [.. Events]);
                }

                Asks.Add(message);
                BudgetGrant grant = Ledger.Take(message, nowMs);
                if (LosesAnswers > 0)
                {
                    LosesAnswers--;
                    throw new TimeoutException("the answer was lost");
                }

                return grant;
            }
        }
    }
}
