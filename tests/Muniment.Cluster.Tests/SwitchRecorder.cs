using System.Collections.Concurrent;
using System.Text.Json;
using Muniment.Events.Administration;
using Muniment.Grains.Administration;

namespace Muniment.Cluster.Tests;

/// <summary>Records admin events in a list, each id once as the journal does, or not at all while told so.</summary>
public sealed class SwitchRecorder(List<(string Action, string Target, string Before, string After)> entries) : IAdminRecorder
{
    private readonly ConcurrentDictionary<string, bool> _ids = [];

    /// <summary>Targets whose events are refused.</summary>
    public Func<string, bool> Fails { get; set; } = _ => false;

    /// <summary>Calls so far.</summary>
    public int Calls { get; private set; }

    public Task<bool> RecordAsync(OutboxEntry entry)
    {
        using JsonDocument json = JsonDocument.Parse(entry.Event);
        string target = json.RootElement.GetProperty("target").GetString()!;
        lock (entries)
        {
            Calls++;
            if (Fails(target))
            {
                return Task.FromResult(false);
            }

            if (_ids.TryAdd(entry.Tenant + entry.Id, true))
            {
                JsonElement details = json.RootElement.GetProperty("details");
                entries.Add((json.RootElement.GetProperty("action").GetString()!, target, Text(details, "before"), Text(details, "after")));
            }
        }

        return Task.FromResult(true);
    }

    private static string Text(JsonElement details, string name) => details.TryGetProperty(name, out JsonElement value) ? value.GetRawText() : "";
}
