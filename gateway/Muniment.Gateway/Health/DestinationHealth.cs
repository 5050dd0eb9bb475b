using System.Text.Json;
using Muniment.Messages.Destinations;

namespace Muniment.Gateway.Health;

/// <summary>How one destination is doing, without its configuration. Names are those of the JSON.</summary>
internal sealed record DestinationHealth(string id, string? state, JsonElement reason, DestinationLag? lag, long dead_letters)
{
    /// <summary>Most destinations that one answer asks; the others are found in their own status.</summary>
    private const int Limit = 100;

    /// <summary>Asks the tenant's destinations, all at once.</summary>
    public static async Task<IReadOnlyList<DestinationHealth>> AskAsync(IGrainFactory grains, string tenant)
    {
        DestinationAnswer list = await grains.GetGrain<IDestinationDirectoryGrain>(tenant).List("", Limit);
        if (list.Code is not DestinationStatusCode.Done)
        {
            return [];
        }

        using JsonDocument page = JsonDocument.Parse(list.Body);
        string[] ids = [.. page.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!)];
        DestinationHealth?[] all = await Task.WhenAll(ids.Select(id => AskOneAsync(grains, tenant, id)));
        return [.. all.OfType<DestinationHealth>()];
    }

    /// <summary>The largest lag, by which a tenant is watched with one number.</summary>
    public static DestinationLag Worst(IReadOnlyList<DestinationHealth> destinations) =>
        new(destinations.Max(d => d.lag?.events) ?? 0, destinations.Max(d => d.lag?.seconds) ?? 0);

    // One that was deleted meanwhile is left out.
    private static async Task<DestinationHealth?> AskOneAsync(IGrainFactory grains, string tenant, string id)
    {
        DestinationAnswer answer = await grains.GetGrain<IDestinationGrain>($"{tenant}/{id}").GetStatus();
        if (answer.Code is not DestinationStatusCode.Done)
        {
            return null;
        }

        using JsonDocument status = JsonDocument.Parse(answer.Body);
        JsonElement root = status.RootElement;
        JsonElement lag = root.GetProperty("lag");
        return new DestinationHealth(
            id,
            root.GetProperty("state").GetString(),
            root.GetProperty("reason").Clone(),
            new DestinationLag(lag.GetProperty("events").GetInt64(), lag.GetProperty("seconds").GetDouble()),
            root.GetProperty("dead_letters").GetInt64());
    }
}

/// <summary>How far a destination is behind the log.</summary>
internal sealed record DestinationLag(long events, double seconds);
