using System.Text.Json;
using Muniment.Delivery.Machine;

namespace Muniment.Delivery.Tests.Machine;

/// <summary>What an auditor checks.</summary>
internal static class ReceiptChecks
{
    /// <summary>
    /// Each names the one before; those of a lane follow each other without a hole and account for every entry of their range; lanes that share a range account for it
    /// together; and all lanes but replays and those of denied ones together leave no entry out.
    /// </summary>
    public static void LanesAreWhole(IReadOnlyList<Receipt> receipts, long size)
    {
        string? previous = null;
        List<JsonElement> all = [];
        foreach (Receipt receipt in receipts)
        {
            JsonElement json = JsonSerializer.Deserialize<JsonElement>(receipt.Json.Span);
            Assert.Equal(previous, json.GetProperty("prev").GetString());
            previous = receipt.Hash;
            all.Add(json);
        }

        bool[] covered = new bool[size];
        Dictionary<string, (long First, long Last, long Counted)> lanes = [];
        foreach (IGrouping<string, JsonElement> lane in all.GroupBy(r => r.GetProperty("lane").GetString()!).Where(l => !l.Key.StartsWith("replay-", StringComparison.Ordinal)))
        {
            long next = -1, first = -1, counted = 0;
            foreach (JsonElement receipt in lane.OrderBy(r => r.GetProperty("first").GetInt64()))
            {
                long from = receipt.GetProperty("first").GetInt64(), to = receipt.GetProperty("last").GetInt64();
                Assert.True(next < 0 || from == next, $"a hole in lane {lane.Key} before {from}");
                first = first < 0 ? from : first;
                next = to + 1;
                long accounted = receipt.GetProperty("events").GetInt64() + receipt.GetProperty("left_out").EnumerateObject().Sum(p => p.Value.GetInt64());
                counted += accounted;
                bool shared = lane.Key.StartsWith("denied-", StringComparison.Ordinal) || lane.Key.StartsWith("backlog-", StringComparison.Ordinal);
                Assert.True(shared || accounted == to - from + 1, $"{lane.Key}: {from} to {to} accounts for {accounted}");
                for (long seq = from; seq <= to && !lane.Key.StartsWith("denied-", StringComparison.Ordinal); seq++)
                {
                    covered[seq] = true;
                }
            }

            lanes[lane.Key] = (first, next - 1, counted);
        }

        Assert.All(covered, Assert.True);
        foreach ((string name, (long first, long last, long counted)) in lanes.Where(l => l.Key.StartsWith("backlog-", StringComparison.Ordinal)))
        {
            // Compared where both were worked through to the same end; a rewind or a pause may have ended one earlier.
            if (lanes.TryGetValue("denied" + name[7..], out (long First, long Last, long Counted) denied) && denied.Last == last)
            {
                Assert.Equal(last - first + 1, counted + denied.Counted);
            }
        }
    }
}
