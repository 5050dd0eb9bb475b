using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Machine;

/// <summary>Random histories of everything that administrators, destinations, crashes and retention can do: receipts leave no seq out, and numbers have no holes.</summary>
public sealed class HistoryTests
{
    private static readonly string[] Variants =
    [
        "", ",\"streams\":[\"decision\"]", ",\"where\":{\"result\":\"denied\"}", ",\"sample\":{\"rate\":0.4,\"keep\":{\"target\":\"t1\"}}", ",\"format\":\"flat\"", ",\"streams\":[\"activity\"],\"where\":{\"target\":\"t2\"}",
    ];

    public static TheoryData<int> Seeds => SimulationTests.Seeds(80);

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Receipts_account_for_every_seq_whatever_was_done(int seed)
    {
        Random random = new(seed);
        Simulation simulation = new(seed, Fixtures.Hec(Shape(random, "")), splitAfter: random.Next(2) == 0 ? 40 : 1_000_000)
        {
            FaultRate = 0.25, CrashRate = 0.04, Partials = true, NamesTheBadOne = seed % 2 == 0, MaxRequest = seed % 3 == 0 ? 3 : int.MaxValue, Latency = _ => TimeSpan.FromMilliseconds(random.Next(60)),
        };
        for (int act = 0; act < 25; act++)
        {
            Act(simulation, random);
            await simulation.RunAsync(random.Next(12));
        }

        simulation.Command(m => m.Resume());
        simulation.Source.Add(); // an end that is not purged
        await simulation.DrainAsync();
        foreach (LaneState lane in simulation.Machine.State.Lanes.ToArray())
        {
            simulation.Command(m => m.Cover(lane));
        }

        ReceiptChecks.LanesAreWhole(simulation.Receipts, simulation.Source.Size);
        NumbersHaveNoHoles(simulation);
    }

    private static void Act(Simulation simulation, Random random)
    {
        switch (random.Next(10))
        {
            case 0:
                simulation.Command(m => m.Pause());
                break;
            case 1 or 2:
                simulation.Command(m => m.Resume());
                break;
            case 3:
                simulation.Configure(Fixtures.Hec(Shape(random, Variants[random.Next(Variants.Length)])));
                break;
            case 4:
                simulation.Command(m => m.Rewind(random.NextInt64(m.Position() + 1)));
                break;
            case 5:
                simulation.Command(m => m.Replay(simulation.DeadLetters.Values.Select(d => new ReplayItem(d.Seq, d.Epoch, d.N))));
                break;
            case 6:
                simulation.Expire(random.NextInt64(simulation.Source.Size + 1));
                break;
            default:
                int count = random.Next(60);
                for (int i = 0; i < count; i++)
                {
                    long seq = simulation.Source.Size;
                    simulation.Source.Add(random.Next(3) == 0 ? "activity" : "decision", random.Next(4) == 0 ? "denied" : "allowed");
                    if (random.Next(40) == 0)
                    {
                        simulation.Poison.Add(seq);
                    }
                }

                break;
        }
    }

    private static string Shape(Random random, string selection) =>
        random.Next(2) == 0 ? ",\"batch\":{\"max_events\":6}" + selection : ",\"order\":\"relaxed\",\"batch\":{\"max_events\":5,\"in_flight\":3}" + selection;

    /// <summary>In every epoch each number from 0 to the highest that a receipt names arrived, is or was a dead letter, or belongs to a receipt that says that it was given up.</summary>
    private static void NumbersHaveNoHoles(Simulation simulation)
    {
        JsonElement[] receipts = [.. simulation.Receipts.Select(r => JsonSerializer.Deserialize<JsonElement>(r.Json.Span)).Where(r => r.GetProperty("n_first").ValueKind == JsonValueKind.Number)];
        foreach (IGrouping<long, JsonElement> epoch in receipts.Where(r => !r.GetProperty("lane").GetString()!.StartsWith("replay-", StringComparison.Ordinal)).GroupBy(r => r.GetProperty("epoch").GetInt64()))
        {
            long next = 0;
            foreach (JsonElement receipt in epoch.OrderBy(r => r.GetProperty("n_first").GetInt64()))
            {
                Assert.Equal(next, receipt.GetProperty("n_first").GetInt64());
                next = receipt.GetProperty("n_last").GetInt64() + 1;
                long gone = receipt.GetProperty("n_last").GetInt64() - receipt.GetProperty("n_first").GetInt64() + 1 - receipt.GetProperty("events").GetInt64();
                Assert.True(gone == 0 || receipt.GetProperty("left_out").GetProperty("retention").GetInt64() >= gone);
                long here = Enumerable.Range((int)receipt.GetProperty("n_first").GetInt64(), (int)(next - receipt.GetProperty("n_first").GetInt64()))
                    .Count(n => simulation.Arrived.Any(a => a.Epoch == epoch.Key && a.N == n) || simulation.EverDead.Contains((epoch.Key, n)));
                Assert.True(here >= receipt.GetProperty("events").GetInt64(), $"epoch {epoch.Key}: {receipt.GetRawText()} but {here} are there");
            }

            Assert.All(simulation.Arrived.Where(a => a.Epoch == epoch.Key), a => Assert.True(a.N < next));
        }

        Assert.All(simulation.Arrived.GroupBy(a => (a.Epoch, a.N)), same => Assert.Single(same.Select(a => a.Seq).Distinct()));
    }
}
