using System.Text.Json;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Machine;

public sealed class SimulationTests
{
    public static TheoryData<int> Seeds(int count)
    {
        TheoryData<int> data = [];
        for (int seed = 0; seed < count; seed++)
        {
            data.Add(seed);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Seeds), 60)]
    public async Task Strict_loses_nothing_and_keeps_order_whatever_happens(int seed)
    {
        Random random = new(seed);
        Simulation simulation = new(seed, Fixtures.Hec(""","batch":{"max_events":9}""" )) { FaultRate = 0.3, CrashRate = 0.1, NamesTheBadOne = seed % 2 == 0, MaxRequest = seed % 3 == 0 ? 4 : int.MaxValue };
        for (int i = 0; i < 10; i++)
        {
            int count = random.Next(30);
            for (int k = 0; k < count; k++)
            {
                if (random.Next(25) == 0)
                {
                    simulation.Poison.Add(simulation.Source.Size);
                }

                simulation.Source.Add(random.Next(4) == 0 ? "system" : "activity");
            }

            await simulation.RunAsync(15);
        }

        await simulation.DrainAsync();
        HashSet<long> expected = [.. Enumerable.Range(0, (int)simulation.Source.Size).Select(i => (long)i)];
        Assert.Equal([.. expected.Where(s => simulation.Poison.Contains(s))], simulation.DeadLetters.Keys.Order());
        expected.ExceptWith(simulation.Poison);
        Assert.Equal(expected.Order(), simulation.Arrived.Select(a => a.Seq).Distinct());
        Assert.True(simulation.Arrived.Count - expected.Count <= simulation.PossibleDuplicates, "more duplicates than requests whose outcome was unknown");
        Assert.Equal(simulation.DeadLetters.Count, simulation.Machine.State.DeadLetters);
        SameEventSameBytes(simulation);
        NumbersAreDense(simulation, expected.Count + simulation.Poison.Count);
        ReceiptsTile(simulation.Receipts, 0, simulation.Source.Size);
    }

    [Theory]
    [MemberData(nameof(Seeds), 30)]
    public async Task Selection_is_numbered_without_holes_and_receipts_account_for_the_rest(int seed)
    {
        Random random = new(seed);
        Simulation simulation = new(seed, Fixtures.Hec(""","streams":["decision"],"where":{"result":"denied"},"sample":{"rate":0.5,"keep":{"target":"t1"}},"batch":{"max_events":5}"""))
        {
            FaultRate = 0.2, CrashRate = 0.1,
        };
        for (int i = 0; i < 200; i++)
        {
            simulation.Source.Add(random.Next(3) == 0 ? "activity" : "decision", random.Next(2) == 0 ? "denied" : "allowed");
            if (random.Next(20) == 0)
            {
                simulation.Source.Purge(i);
            }

            if (i % 20 == 0)
            {
                await simulation.RunAsync(10);
            }
        }

        simulation.Source.Add("decision", "denied", ",\"id2\":1"); // an end that is not purged
        await simulation.DrainAsync();
        foreach (LaneState lane in simulation.Machine.State.Lanes.ToArray())
        {
            simulation.Command(m => m.Cover(lane));
        }

        ReceiptsTile(simulation.Receipts, 0, simulation.Source.Size);
        long[] numbers = [.. simulation.Arrived.Select(a => a.N).Distinct().Order()];
        Assert.Equal(Enumerable.Range(0, numbers.Length).Select(i => (long)i), numbers);
        foreach (JsonElement receipt in simulation.Receipts.Select(r => JsonSerializer.Deserialize<JsonElement>(r.Json.Span)))
        {
            JsonElement left = receipt.GetProperty("left_out");
            Assert.Equal(receipt.GetProperty("last").GetInt64() - receipt.GetProperty("first").GetInt64() + 1,
                receipt.GetProperty("events").GetInt64() + left.EnumerateObject().Sum(p => p.Value.GetInt64()));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds), 30)]
    public async Task Configurations_change_in_mid_flow_and_epochs_stay_apart(int seed)
    {
        Random random = new(seed);
        Simulation simulation = new(seed, Fixtures.Hec(""","batch":{"max_events":6}""")) { FaultRate = 0.3, CrashRate = 0.05 };
        string[] variants =
        [
            ",\"batch\":{\"max_events\":6},\"format\":\"flat\"", ",\"batch\":{\"max_events\":3}", ",\"batch\":{\"max_events\":6},\"streams\":[\"activity\"]",
            ",\"batch\":{\"max_events\":4},\"options\":{\"index\":\"other\"}",
        ];
        for (int i = 0; i < 20; i++)
        {
            simulation.Source.Add(10);
            await simulation.RunAsync(8);
            simulation.Configure(Fixtures.Hec(variants[random.Next(variants.Length)]));
        }

        await simulation.DrainAsync();
        Assert.Equal(Enumerable.Range(0, 200).Select(i => (long)i), simulation.Arrived.Select(a => a.Seq).Distinct());
        foreach (IGrouping<long, (long Seq, long Epoch, long N, byte[] Bytes)> epoch in simulation.Arrived.GroupBy(a => a.Epoch))
        {
            long[] numbers = [.. epoch.Select(a => a.N).Distinct().Order()];
            Assert.Equal(Enumerable.Range(0, numbers.Length).Select(i => (long)i), numbers);
            Assert.All(epoch.GroupBy(a => a.Seq), s => Assert.Single(s.Select(a => a.N).Distinct()));
        }

        ReceiptsTile(simulation.Receipts, 0, simulation.Source.Size);
    }

    [Theory]
    [MemberData(nameof(Seeds), 5)]
    public async Task Relaxed_delivers_everything_in_lanes_that_partition_the_events(int seed)
    {
        Random random = new(seed);
        Simulation simulation = new(seed, Fixtures.Hec(""","order":"relaxed","batch":{"max_events":200,"in_flight":3}"""), splitAfter: 1500) { FaultRate = 0.1, CrashRate = 0.05 };
        simulation.Source.Add(1800);
        for (int i = 0; i < 300; i++)
        {
            simulation.Source.Add("decision", "denied");
        }

        for (int i = 0; i < 6; i++)
        {
            await simulation.RunAsync(4);
            for (int k = 0; k < random.Next(100); k++)
            {
                simulation.Source.Add("activity", random.Next(3) == 0 ? "denied" : "success");
            }
        }

        await simulation.DrainAsync();
        Assert.Equal(simulation.Source.Size, simulation.Arrived.Select(a => a.Seq).Distinct().Count());
        NumbersAreDense(simulation, (int)simulation.Source.Size);
        JsonElement[] receipts = [.. simulation.Receipts.Select(r => JsonSerializer.Deserialize<JsonElement>(r.Json.Span))];
        Assert.Contains(receipts, r => r.GetProperty("lane").GetString()!.StartsWith("denied-", StringComparison.Ordinal));
        Assert.Equal(simulation.Source.Size, receipts.Sum(r => r.GetProperty("events").GetInt64()));
        foreach (IGrouping<string, JsonElement> lane in receipts.GroupBy(r => r.GetProperty("lane").GetString()!))
        {
            long next = -1;
            foreach (JsonElement receipt in lane.OrderBy(r => r.GetProperty("first").GetInt64()))
            {
                Assert.True(next < 0 || receipt.GetProperty("first").GetInt64() == next, "a hole in lane " + lane.Key);
                next = receipt.GetProperty("last").GetInt64() + 1;
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(499)]
    [InlineData(500)]
    [InlineData(998)]
    [InlineData(999)]
    public async Task One_bad_record_among_a_thousand_costs_at_most_21_requests(int bad)
    {
        Simulation simulation = new(1, Fixtures.Hec(""","batch":{"max_events":1000,"max_bytes":16000000}"""));
        simulation.Source.Add(1000);
        simulation.Poison.Add(bad);
        await simulation.DrainAsync();
        Assert.InRange(simulation.Requests, 2, 21);
        Assert.Equal(bad, Assert.Single(simulation.DeadLetters).Key);
        Assert.Equal(999, simulation.Arrived.Count);
    }

    [Theory]
    [MemberData(nameof(Seeds), 25)]
    public async Task One_bad_record_among_n_costs_at_most_one_request_and_two_for_each_halving(int seed)
    {
        Random random = new(seed);
        int count = random.Next(2, 700);
        Simulation simulation = new(seed, Fixtures.Hec(""","batch":{"max_events":1000,"max_bytes":16000000}"""));
        simulation.Source.Add(count);
        simulation.Poison.Add(random.Next(count));
        await simulation.DrainAsync();
        Assert.True(simulation.Requests <= 1 + (2 * Math.Ceiling(Math.Log2(count))), $"{simulation.Requests} requests for one among {count}");
        Assert.Single(simulation.DeadLetters);
        Assert.Equal(count - 1, simulation.Arrived.Count);
        Assert.Equal(simulation.Arrived.Select(e => e.Seq).Order(), simulation.Arrived.Select(e => e.Seq)); // isolating keeps the order
    }

    [Fact]
    public async Task A_named_bad_record_costs_three_more_requests()
    {
        Simulation simulation = new(1, Fixtures.Hec(""","batch":{"max_events":1000,"max_bytes":16000000}""")) { NamesTheBadOne = true };
        simulation.Source.Add(1000);
        simulation.Poison.Add(333);
        await simulation.DrainAsync();
        Assert.Equal(4, simulation.Requests);
        Assert.Single(simulation.DeadLetters);
    }

    [Fact]
    public async Task Dead_letters_are_replayed_with_their_numbers()
    {
        Simulation simulation = new(5, Fixtures.Hec(""","batch":{"max_events":10}"""));
        simulation.Source.Add(50);
        simulation.Poison.UnionWith([3, 4, 30]);
        await simulation.DrainAsync();
        Assert.Equal([3L, 4, 30], simulation.DeadLetters.Keys.Order());
        simulation.Poison.ExceptWith([3, 30]);
        simulation.CrashRate = 0.2;
        simulation.Command(m => Assert.Equal(3, m.Replay(simulation.DeadLetters.Values.Select(d => new Batches.ReplayItem(d.Seq, d.Epoch, d.N)))));
        await simulation.RunAsync(30);
        await simulation.DrainAsync();
        Assert.Equal(4, Assert.Single(simulation.DeadLetters).Key);
        Assert.Equal(1, simulation.Machine.State.DeadLetters);
        Assert.Contains(simulation.Arrived, a => a is { Seq: 3, N: 3 });
        Assert.Contains(simulation.Arrived, a => a is { Seq: 30, N: 30 });
    }

    [Fact]
    public async Task Rewind_repeats_in_a_lane_of_its_own_with_new_numbers()
    {
        Simulation simulation = new(5, Fixtures.Hec(""","batch":{"max_events":10}"""));
        simulation.Source.Add(40);
        await simulation.DrainAsync();
        simulation.Command(m => Assert.False(m.Rewind(41)));
        simulation.Command(m => Assert.True(m.Rewind(25)));
        await simulation.DrainAsync();
        Assert.Equal(55, simulation.Arrived.Count);
        Assert.Equal(Enumerable.Range(0, 55).Select(i => (long)i), simulation.Arrived.Select(a => a.N));
        Assert.Equal(2, simulation.Receipts.Select(r => JsonSerializer.Deserialize<JsonElement>(r.Json.Span).GetProperty("lane").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task Pause_holds_and_resume_goes_on()
    {
        Simulation simulation = new(5, Fixtures.Hec());
        simulation.Command(m => m.Pause());
        simulation.Source.Add(10);
        await simulation.RunAsync(20);
        Assert.Empty(simulation.Arrived);
        Assert.Equal(DeliveryCondition.Paused, simulation.Machine.Condition);
        simulation.Command(m => m.Resume());
        await simulation.DrainAsync();
        Assert.Equal(10, simulation.Arrived.Count);
    }

    private static void SameEventSameBytes(Simulation simulation) =>
        Assert.All(simulation.Arrived.GroupBy(a => a.Seq), s => Assert.Single(s.Select(a => Convert.ToHexString(a.Bytes)).Distinct()));

    private static void NumbersAreDense(Simulation simulation, int count)
    {
        HashSet<long> numbers = [.. simulation.Arrived.Select(a => a.N), .. simulation.DeadLetters.Values.Select(d => d.N)];
        Assert.Equal(count, numbers.Count);
        Assert.Equal(count - 1, numbers.Max());
    }

    private static void ReceiptsTile(List<Receipt> receipts, long from, long to)
    {
        long next = from;
        string? previous = null;
        foreach (Receipt receipt in receipts)
        {
            JsonElement json = JsonSerializer.Deserialize<JsonElement>(receipt.Json.Span);
            Assert.Equal(next, json.GetProperty("first").GetInt64());
            Assert.Equal(previous, json.GetProperty("prev").GetString());
            next = json.GetProperty("last").GetInt64() + 1;
            previous = receipt.Hash;
        }

        Assert.Equal(to, next);
    }
}
