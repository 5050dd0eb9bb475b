using System.Text.Json;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Machine;

public sealed class ExpiryTests
{
    [Fact]
    public async Task What_is_given_up_is_counted_by_what_it_was_and_has_a_receipt()
    {
        Simulation simulation = new(1, Fixtures.Hec(""","streams":["decision"],"where":{"result":"denied"},"batch":{"max_events":5}""")) { Dead = true };
        for (int i = 0; i < 90; i++)
        {
            simulation.Source.Add(i % 3 == 0 ? "activity" : "decision", i % 3 == 1 ? "denied" : "allowed");
        }

        await simulation.RunAsync(5); // one plan of five is written down: seq 1, 4, 7, 10, 13
        simulation.Expire(60);
        Assert.Empty(simulation.Machine.State.Plans);
        Assert.Equal(16, simulation.Machine.Position());
        Assert.True(simulation.Machine.Expires);
        simulation.Dead = false;
        await simulation.DrainAsync();
        foreach (LaneState lane in simulation.Machine.State.Lanes.ToArray())
        {
            simulation.Command(m => m.Cover(lane));
        }

        Assert.False(simulation.Machine.Expires);
        Assert.Equal(Enumerable.Range(60, 30).Where(i => i % 3 == 1).Select(i => (long)i), simulation.Arrived.Select(a => a.Seq));
        Assert.Equal(Enumerable.Range(5, 10).Select(n => (long)n), simulation.Arrived.Select(a => a.N)); // the five that were planned keep their numbers
        JsonElement[] receipts = [.. simulation.Receipts.Select(r => JsonSerializer.Deserialize<JsonElement>(r.Json.Span))];
        Assert.Equal((0, 5, 0, 4), (receipts[0].GetProperty("events").GetInt32(), receipts[0].GetProperty("left_out").GetProperty("retention").GetInt32(),
            receipts[0].GetProperty("n_first").GetInt32(), receipts[0].GetProperty("n_last").GetInt32()));
        JsonElement left = receipts[1].GetProperty("left_out"); // 16 to 59
        Assert.Equal((16, 59), (receipts[1].GetProperty("first").GetInt32(), receipts[1].GetProperty("last").GetInt32()));
        Assert.Equal((14, 15, 0, 15), (left.GetProperty("stream").GetInt32(), left.GetProperty("where").GetInt32(), left.GetProperty("sample").GetInt32(), left.GetProperty("retention").GetInt32()));
        Assert.Equal(20, simulation.Machine.State.Expired);
        ReceiptChecks.LanesAreWhole(simulation.Receipts, 90);
    }

    [Fact]
    public async Task A_request_under_way_is_not_given_up()
    {
        Simulation simulation = new(1, Fixtures.Hec(""","batch":{"max_events":5}""")) { Latency = _ => TimeSpan.FromSeconds(1) };
        simulation.Source.Add(20);
        await simulation.RunAsync(2);
        Assert.Equal(1, simulation.Flying);
        simulation.Expire(20);
        Assert.Single(simulation.Machine.State.Plans);
        await simulation.DrainAsync();
        Assert.Equal([0L, 1, 2, 3, 4], simulation.Arrived.Select(a => a.Seq));
        Assert.Equal(15, simulation.Machine.State.Expired);
        ReceiptChecks.LanesAreWhole(simulation.Receipts, 20);
    }

    [Fact]
    public async Task Nothing_that_is_young_enough_is_given_up_and_a_limit_never_moves_back()
    {
        Simulation simulation = new(1, Fixtures.Hec(""","batch":{"max_events":5}"""));
        simulation.Source.Add(20);
        await simulation.DrainAsync();
        simulation.Expire(10);
        simulation.Source.Add(20);
        simulation.Expire(5);
        await simulation.DrainAsync();
        Assert.Equal(40, simulation.Arrived.Count);
        Assert.Equal(0, simulation.Machine.State.Expired);
    }

    [Fact]
    public async Task A_record_that_is_too_large_alone_is_cut_where_that_was_chosen()
    {
        Simulation simulation = new(1, Fixtures.Hec(""","batch":{"max_events":20,"oversize":"cut"}""")) { MaxBytes = 4000 };
        simulation.Source.Add(5);
        simulation.Source.Add(extra: $",\"reason\":\"{new string('x', 9000)}\",\"payload\":\"{new string('y', 9000)}\"");
        simulation.Source.Add(5);
        await simulation.DrainAsync();
        Assert.Empty(simulation.DeadLetters);
        Assert.Equal(11, simulation.Arrived.Select(a => a.Seq).Distinct().Count());
        JsonElement cut = JsonSerializer.Deserialize<JsonElement>(simulation.Arrived.Single(a => a.Seq == 5).Bytes).GetProperty("event");
        Assert.Equal(257, cut.GetProperty("reason").GetString()!.Length);
        JsonElement oversize = cut.GetProperty("details").GetProperty("oversize");
        Assert.True(oversize.GetProperty("bytes").GetInt32() > 18_000);
        Assert.StartsWith("sha256:", oversize.GetProperty("digest").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, simulation.Receipts.Sum(r => JsonSerializer.Deserialize<JsonElement>(r.Json.Span).TryGetProperty("cut", out JsonElement c) ? c.GetInt32() : 0));
        ReceiptChecks.LanesAreWhole(simulation.Receipts, 11);
    }

    [Fact]
    public async Task One_that_is_too_large_even_when_cut_becomes_a_dead_letter()
    {
        Simulation simulation = new(1, Fixtures.Hec(""","batch":{"oversize":"cut"}""")) { MaxBytes = 10 };
        simulation.Source.Add(3);
        await simulation.DrainAsync();
        Assert.Equal(3, simulation.DeadLetters.Count);
    }
}
