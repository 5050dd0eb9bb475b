using System.Text.Json.Nodes;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Faults;

/// <summary>One record among a thousand that a destination refuses: found in at most 21 requests, at every kind that refuses records, whatever it says about which.</summary>
public sealed class PoisonTests
{
    private const int Count = 1000, MostRequests = 21;

    public static TheoryData<string> Kinds => [.. Adapters.Names.Where(n => !Adapters.Make(n).NotApplicable.ContainsKey(Fault.Poison))];

    [Fact]
    public void Every_kind_has_an_adapter() => Assert.Equal(KindRegistry.Default.Names.Order(), Adapters.Names.Select(n => Adapters.Make(n).Kind).Distinct().Order());

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task One_among_a_thousand_is_found_in_21_requests_and_goes_out_when_the_cause_is_gone(string name)
    {
        await using FaultAdapter adapter = Adapters.Make(name);
        adapter.Reserve();
        await adapter.ListenAsync(null);
        FakeSource source = new() { BlockSize = 200 };
        adapter.Fill(source, Count);
        string poison = adapter.KeyOf(617);
        adapter.Poison[poison] = 0;
        MemoryDestinationStore store = new();
        JsonObject configuration = adapter.Configuration($"http://127.0.0.1:{adapter.Port}", renewed: false);
        configuration["id"] = "d";
        configuration["batch"] = new JsonObject { ["max_events"] = Count };
        if (name == "webhook")
        {
            configuration["batch"]!["max_bytes"] = 1_000_000; // it takes few at once by itself
        }

        await using DestinationRunner runner = await Fixtures.OpenAsync(Fixtures.Services(source, store, adapter.ExportDirectory, adapter.Time) with { SendLimit = FaultTable.SendLimit }, configuration.ToJsonString());
        DestinationStatus status = await runner.UntilAsync(s => s.Position == Count);
        Assert.True(adapter.Wrong.IsEmpty, string.Join('\n', adapter.Wrong));
        Assert.Equal((Count - 1, 1), (status.Delivered, status.DeadLetters));
        int batches = (await store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 100, default)).Length; // one, or two where a thousand events are more than a request takes
        Assert.InRange(batches, 1, 2);
        Assert.InRange(status.Outcomes.Sum(), batches, MostRequests + batches - 1);
        Assert.Equal(617, Assert.Single(await store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default)).Seq);

        adapter.Poison.Clear();
        Assert.Equal(1, (await runner.ReplayAsync(null, default)).Queued);
        await runner.UntilAsync(s => s.DeadLetters == 0);
        Assert.Equal(poison, adapter.Arrivals[^1].Key);
    }
}
