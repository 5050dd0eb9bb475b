using System.Text.Json;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Machine;

/// <summary><c>relaxed</c> in simulated time: many requests at once that end in any order, lanes, limits.</summary>
public sealed class RelaxedTests
{
    private const string Small = ""","order":"relaxed","batch":{"max_events":7,"in_flight":5}""";

    public static TheoryData<int> Seeds => SimulationTests.Seeds(40);

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Requests_in_flight_at_once_lose_nothing_whatever_happens(int seed)
    {
        Random random = new(seed);
        // An index decides what goes first, never what goes out: also one that knows of too little or too much.
        FakeSource source = new() { Denied = (seed % 4) switch { 0 => null, 1 => (from, _) => (from, from), _ => (from, to) => (random.Next((int)from - 5, (int)to), random.Next((int)from, (int)to + 5)) } };
        Simulation simulation = new(seed, Fixtures.Hec(Small), source: source, splitAfter: 60)
        {
            Partials = true, FaultRate = 0.25, CrashRate = 0.03, NamesTheBadOne = seed % 2 == 0, MaxRequest = seed % 3 == 0 ? 4 : int.MaxValue, Latency = _ => TimeSpan.FromMilliseconds(random.Next(200)),
        };
        for (int i = 0; i < 8; i++)
        {
            int count = random.Next(90);
            for (int k = 0; k < count; k++)
            {
                if (random.Next(30) == 0)
                {
                    simulation.Poison.Add(simulation.Source.Size);
                }

                simulation.Source.Add(result: random.Next(6) == 0 ? "denied" : "success");
            }

            await simulation.RunAsync(25);
        }

        await simulation.DrainAsync();
        long size = simulation.Source.Size;
        Assert.Equal(simulation.Poison.Order(), simulation.DeadLetters.Keys.Order());
        long[] arrived = [.. simulation.Arrived.Select(a => a.Seq).Distinct().Order()];
        Assert.Equal(Enumerable.Range(0, (int)size).Select(s => (long)s).Where(s => !simulation.Poison.Contains(s)), arrived);
        Assert.True(simulation.Arrived.Count - arrived.Length <= simulation.PossibleDuplicates, "more duplicates than requests whose outcome was unknown");
        Assert.All(simulation.Arrived.GroupBy(a => a.Seq), s => Assert.Single(s.Select(a => Convert.ToHexString(a.Bytes)).Distinct()));
        long[] numbers = [.. simulation.Arrived.Select(a => a.N).Concat(simulation.DeadLetters.Values.Select(d => d.N)).Distinct().Order()];
        Assert.Equal(Enumerable.Range(0, (int)size).Select(n => (long)n), numbers);
        ReceiptChecks.LanesAreWhole(simulation.Receipts, size);
    }

    [Fact]
    public async Task Requests_overlap_and_their_number_is_learned()
    {
        Simulation simulation = new(1, Fixtures.Hec(""","order":"relaxed","batch":{"max_events":5,"in_flight":12}"""), splitAfter: 1_000_000)
        {
            Capacity = 6, Latency = _ => TimeSpan.FromMilliseconds(100), Tick = TimeSpan.FromMilliseconds(5),
        };
        simulation.Source.Add(6000);
        await simulation.DrainAsync();
        Assert.InRange(simulation.MostFlying, 5, 8);
        Assert.InRange(simulation.Machine.State.Concurrency, 3, 8);
        Assert.Equal(6000, simulation.Arrived.Count);
        Assert.Equal(0, simulation.PossibleDuplicates);
    }

    [Fact]
    public async Task After_an_outage_the_newest_and_the_denials_go_beside_the_backlog()
    {
        Simulation simulation = new(1, Fixtures.Hec(""","order":"relaxed","batch":{"max_events":10,"in_flight":2}"""), splitAfter: 200);
        for (int i = 0; i < 2000; i++)
        {
            simulation.Source.Add(result: i % 20 == 0 ? "denied" : "success");
        }

        long outageEnds = simulation.Source.Size;
        List<int> liveLags = [];
        for (int step = 0; step < 150; step++)
        {
            simulation.Source.Add(3);
            await simulation.StepAsync();
            liveLags.Add((int)(simulation.Source.Size - outageEnds) - simulation.Arrived.Count(a => a.Seq >= outageEnds));
        }

        int denied = simulation.Arrived.Count(a => a.Seq < outageEnds && a.Seq % 20 == 0);
        int backlog = simulation.Arrived.Count(a => a.Seq < outageEnds && a.Seq % 20 != 0);
        Assert.Equal(100, denied); // all of them, though the backlog is far from done
        Assert.InRange(backlog, 100, 1500); // it moves too
        Assert.True(liveLags.Skip(20).Max() <= 60, "news wait");
        await simulation.DrainAsync();
        Assert.Equal(simulation.Source.Size, simulation.Arrived.Select(a => a.Seq).Distinct().Count());
        Assert.Equal(simulation.Source.Size, simulation.Arrived.Count);
        ReceiptChecks.LanesAreWhole(simulation.Receipts, simulation.Source.Size);
    }

    [Theory]
    [InlineData(900, 900, 0)]
    [InlineData(0, 5000, 0)]
    [InlineData(900, 1000, 2)]
    [InlineData(900, 5000, 1)]
    [InlineData(0, 1000, 1)]
    public async Task Only_the_part_of_a_backlog_in_which_something_was_denied_is_of_two_lanes(int first, int end, int whole)
    {
        FakeSource source = new() { Denied = (_, _) => (first, end) };
        Simulation simulation = new(1, Fixtures.Hec(""","order":"relaxed","batch":{"max_events":10,"in_flight":2}"""), source: source, splitAfter: 200);
        for (int i = 0; i < 2000; i++)
        {
            source.Add(result: i % 20 == 0 ? "denied" : "success");
        }

        await simulation.DrainAsync();
        string[] lanes = [.. simulation.Receipts.Select(r => JsonDocument.Parse(r.Json).RootElement.GetProperty("lane").GetString()!).Distinct()];
        bool any = first < end;
        Assert.Equal(any, lanes.Contains("denied-1"));
        Assert.Equal(any, lanes.Contains("backlog-1"));
        Assert.Equal(any ? whole : 1, lanes.Count(l => l.StartsWith("main-", StringComparison.Ordinal)));
        Assert.Equal(Enumerable.Range(0, 2000).Select(s => (long)s), simulation.Arrived.Select(a => a.Seq).Order());
        int[] waited = [.. Enumerable.Range(0, 2000 / 20).Select(i => i * 20).Where(s => s >= first && s < Math.Min(end, 1990)).Select(s => simulation.Arrived.FindIndex(a => a.Seq == s))];
        Assert.All(waited, at => Assert.True(at < 700, $"a denial was number {at}"));
        ReceiptChecks.LanesAreWhole(simulation.Receipts, 2000);
    }

    [Theory]
    [InlineData(20, 0, 5000)]
    [InlineData(2, 0, 5000)]
    [InlineData(2, 300, 900)]
    public async Task Order_is_strict_again_from_where_the_lanes_of_a_backlog_stand(int deniedOneIn, int first, int end)
    {
        FakeSource source = new() { Denied = (_, _) => (first, end) };
        Simulation simulation = new(1, Fixtures.Hec(""","order":"relaxed","batch":{"max_events":10,"in_flight":2}"""), source: source, splitAfter: 200);
        for (int i = 0; i < 1500; i++)
        {
            simulation.Source.Add(result: i % deniedOneIn == 0 ? "denied" : "success");
        }

        await simulation.RunAsync(40);
        Assert.Contains(simulation.Machine.State.Lanes, l => l.Filter == Batches.LaneFilter.NotDenied);
        long[] open = [.. simulation.Machine.State.Plans.SelectMany(p => Enumerable.Range((int)p.First, (int)(p.Last - p.First + 1)).Select(s => (long)s))];
        simulation.Configure(Fixtures.Hec(""","batch":{"max_events":10}"""));
        int before = simulation.Arrived.Count;
        simulation.Source.Add(50);
        await simulation.DrainAsync();
        long[] after = [.. simulation.Arrived.Skip(before).Select(a => a.Seq).Where(s => !open.Contains(s))];
        Assert.Equal(after.Order(), after);
        Assert.Equal(Enumerable.Range(0, 1550).Select(i => (long)i), simulation.Arrived.Select(a => a.Seq).Order());
        ReceiptChecks.LanesAreWhole(simulation.Receipts, 1550);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_short_outage_leaves_a_small_backlog_and_that_is_enough(bool paused)
    {
        Simulation simulation = new(1, Fixtures.Hec(""","order":"relaxed","batch":{"max_events":10,"in_flight":2}"""));
        simulation.Dead = !paused;
        if (paused)
        {
            simulation.Command(m => m.Pause());
        }

        for (int i = 0; i < 400; i++)
        {
            simulation.Source.Add(result: i % 40 == 39 ? "denied" : "success");
        }

        await simulation.RunAsync(3);
        simulation.Dead = false;
        simulation.Command(m => m.Resume());
        await simulation.RunAsync(2);
        simulation.Source.Add(30);
        await simulation.DrainAsync();
        long[] order = [.. simulation.Arrived.Select(a => a.Seq)];
        Assert.Equal(430, order.Length);
        int lastDenied = Array.FindLastIndex(order, s => s < 400 && s % 40 == 39), lastNew = Array.FindLastIndex(order, s => s >= 390);
        Assert.True(lastDenied < 100, $"the last denied one came as number {lastDenied}");
        Assert.True(lastNew < 200, $"the newest came as number {lastNew}");
        ReceiptChecks.LanesAreWhole(simulation.Receipts, 430);
    }

    [Fact]
    public async Task A_second_outage_makes_lanes_again_and_their_number_is_bounded()
    {
        Simulation simulation = new(1, Fixtures.Hec(Small), splitAfter: 50);
        for (int i = 0; i < 30; i++)
        {
            simulation.Dead = i % 2 == 0;
            simulation.Source.Add(100);
            await simulation.RunAsync(4);
            Assert.True(simulation.Machine.State.Lanes.Count <= DestinationMachine.MaxLanes);
        }

        simulation.Dead = false;
        await simulation.DrainAsync();
        Assert.Equal(3000, simulation.Arrived.Count);
        ReceiptChecks.LanesAreWhole(simulation.Receipts, 3000);
    }

    [Fact]
    public async Task What_was_asked_to_wait_waits_though_others_in_flight_are_taken()
    {
        Simulation simulation = new(1, Fixtures.Hec(Small)) { Capacity = 3, Latency = n => TimeSpan.FromMilliseconds(20 + (5 * (n % 3))), Tick = TimeSpan.FromMilliseconds(5), Jumps = false };
        simulation.Source.Add(3000);
        int refused = 0;
        DateTimeOffset until = default;
        for (int i = 0; i < 2000; i++)
        {
            int before = simulation.Requests;
            long later = simulation.Machine.State.Outcomes[2];
            await simulation.StepAsync();
            if (simulation.Time.GetUtcNow() - TimeSpan.FromMilliseconds(5) < until)
            {
                Assert.Equal(before, simulation.Requests); // nothing new goes out before the time that was asked for
            }

            if (simulation.Machine.State.Outcomes[2] > later)
            {
                refused++;
                until = simulation.Machine.State.NextAttempt!.Value;
            }
        }

        Assert.True(refused > 1);
    }

    [Fact]
    public async Task What_is_wanted_again_waits_though_others_in_flight_are_taken()
    {
        Simulation simulation = new(1, Fixtures.Hec(Small)) { OnlyParts = true, Latency = n => TimeSpan.FromMilliseconds(20 + (5 * (n % 3))), Tick = TimeSpan.FromMilliseconds(5), Jumps = false };
        simulation.Source.Add(3000);
        int waits = 0;
        DateTimeOffset until = default;
        for (int i = 0; i < 2000; i++)
        {
            int before = simulation.Requests;
            await simulation.StepAsync();
            if (simulation.Time.GetUtcNow() - TimeSpan.FromMilliseconds(5) < until)
            {
                Assert.Equal(before, simulation.Requests);
            }

            if (simulation.Machine.State.NextAttempt is { } next && next > until)
            {
                waits++;
                until = next;
            }
        }

        Assert.True(waits > 1);
        Assert.Equal(0, simulation.Machine.State.Failures); // some of it was taken
    }

    [Fact]
    public async Task A_rate_is_kept()
    {
        Simulation simulation = new(1, Fixtures.Hec(""","batch":{"max_events":10,"max_events_per_s":100}""")) { Jumps = false };
        simulation.Source.Add(2000);
        DateTimeOffset began = simulation.Time.GetUtcNow();
        for (int i = 0; i < 1000; i++)
        {
            await simulation.StepAsync();
        }

        double seconds = (simulation.Time.GetUtcNow() - began).TotalSeconds;
        Assert.InRange(simulation.Arrived.Count, (seconds * 100 * 0.9) + 50, (seconds * 100) + 120);
    }

    [Fact]
    public async Task A_dead_destination_costs_the_others_nothing()
    {
        int[] alone = await RatesAsync(dead: false), beside = await RatesAsync(dead: true);
        Assert.True(beside[1] >= 0.9 * alone[1] && beside[2] >= 0.9 * alone[2], $"{string.Join(",", beside)} against {string.Join(",", alone)}");
        Assert.Equal(0, beside[0]);
    }

    /// <summary>Arrivals of three destinations of one log in a simulated minute, of which the first may be dead; all share the clock.</summary>
    private static async Task<int[]> RatesAsync(bool dead)
    {
        ManualTime time = new();
        FakeSource source = new();
        Simulation[] all =
        [
            .. Enumerable.Range(0, 3).Select(i => new Simulation(i, Fixtures.Hec(i == 2 ? Small : ""","batch":{"max_events":7}"""), time: time, source: source)
            {
                Dead = dead && i == 0, Jumps = false, Tick = TimeSpan.FromMilliseconds(100), Latency = _ => TimeSpan.FromMilliseconds(500),
            }),
        ];
        for (int i = 0; i < 600; i++)
        {
            source.Add(3);
            foreach (Simulation one in all)
            {
                await one.StepAsync();
            }
        }

        // A dead one is asked at its backoff's pace: some times, not hundreds.
        Assert.True(!dead || all[0].Requests < 40, $"{all[0].Requests} attempts");
        return [.. all.Select(s => s.Arrived.Count)];
    }
}
