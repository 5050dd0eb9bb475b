using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Fields;

namespace Muniment.Grains.Budgets;

/// <summary>
/// Counts what decision events say of one budget. A call leaves what it reserved in its first event and what it used in its second; where the second is missing the
/// reservation counts, because what the call used nobody knows.
/// </summary>
public sealed class BudgetCount(string key)
{
    private readonly Dictionary<string, BudgetUse> _open = new(StringComparer.Ordinal);
    private readonly List<BudgetUse> _settled = [];

    /// <summary>Takes in one event, in the order of the log.</summary>
    public void Add(CanonicalEvent e)
    {
        if (e.Stream != "decision" || e.Details.IsEmpty || DetailPath.Find(e.Decision, "id"u8).Text is not { } decision)
        {
            return;
        }

        using JsonDocument details = JsonDocument.Parse(e.Details);
        if (!details.RootElement.TryGetProperty(BudgetKey.ListMember, out JsonElement limits) || limits.ValueKind is not JsonValueKind.Array)
        {
            return;
        }

        long timeMs = e.TimeNs / 1_000_000;
        foreach (JsonElement limit in limits.EnumerateArray())
        {
            if (limit.ValueKind is not JsonValueKind.Object || !limit.TryGetProperty("key", out JsonElement name) || !name.ValueEquals(key))
            {
                continue;
            }

            if (Amount(limit, "used") is { } used)
            {
                _open.Remove(decision);
                _settled.Add(new BudgetUse(timeMs, used));
            }
            else if (Amount(limit, "reserved") is { } reserved)
            {
                _open[decision] = new BudgetUse(timeMs, reserved);
            }
        }
    }

    /// <summary>All that was used.</summary>
    public IReadOnlyList<BudgetUse> Finish() => [.. _settled, .. _open.Values];

    private static long? Amount(JsonElement limit, string name) =>
        limit.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out long amount) && amount >= 0 ? amount : null;
}
