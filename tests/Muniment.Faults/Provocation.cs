using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Muniment.Journal;

namespace Muniment.Faults;

/// <summary>
/// What makes a failpoint be passed soon: small blocks and index runs for those of sealing, and an operator who makes tenants and backups beside the load for the others. What was
/// acknowledged to that operator of tenants and their events is checked after the crash, too; a backup that was cut off is only thrown away.
/// </summary>
internal sealed class Provocation(string directory, int seed)
{
    private readonly List<(string Tenant, string Key, string? Event)> _tenants = [];
    private int _count;

    /// <summary>Settings under which the log is sealed, and its index merged, within seconds.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["Storage__SealEvents"] = "128", ["Storage__RunBlocks"] = "2" };

    /// <summary>Which pass of a point is worth trying: some places are passed rarely.</summary>
    public static int MostPasses(string point) => point switch
    {
        Failpoints.MidBackup => 1,
        Failpoints.DedupPurge => 3,
        Failpoints.Acquire or Failpoints.KeyWrite or Failpoints.IndexMerge or Failpoints.Migration => 4,
        Failpoints.BeforeCommit or Failpoints.AfterCommit => 300, // the start alone makes a dozen
        _ => 11,
    };

    /// <summary>Makes tenants, an event in each, and backups, until the platform is gone or the round has ended.</summary>
    public async Task RunAsync(HttpClient client, string point, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                string id = $"t{seed}-{++_count}";
                if (point == Failpoints.MidBackup)
                {
                    (await client.PostAsJsonAsync("api/v1/backup", new { directory = Path.Combine(directory, "backups", id) }, stop)).EnsureSuccessStatusCode();
                }

                using HttpResponseMessage created = await client.PostAsJsonAsync("api/v1/tenants", new { id, name = id }, stop);
                created.EnsureSuccessStatusCode();
                string key = (await created.Content.ReadFromJsonAsync<JsonElement>(stop)).GetProperty("admin_key").GetString()!;
                _tenants.Add((id, key, null));
                using var append = new HttpRequestMessage(HttpMethod.Post, "api/v1/events") { Content = JsonContent.Create(new { id, actor = "user:soak@example.com", action = "tool.call", target = "repo", result = "success", trace = id }) };
                append.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
                using HttpResponseMessage appended = await client.SendAsync(append, stop);
                appended.EnsureSuccessStatusCode();
                _tenants[^1] = (id, key, id);
                await Task.Delay(20, stop);
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException && e is not HttpRequestException { StatusCode: not null and < System.Net.HttpStatusCode.InternalServerError })
        {
            // It died, or the round has ended.
        }
    }

    /// <summary>Every acknowledged tenant is there, its key works, and its acknowledged event is in its log.</summary>
    public async Task CheckAsync(HttpClient client)
    {
        foreach ((string tenant, string key, string? id) in _tenants)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/events?limit=10");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using HttpResponseMessage response = await client.SendAsync(request);
            string body = await response.Content.ReadAsStringAsync();
            if (!response.IsSuccessStatusCode)
            {
                throw new FaultException($"the key of the acknowledged tenant {tenant} is answered {(int)response.StatusCode}: {body}");
            }

            if (id is not null && !body.Contains($"\"{id}\"", StringComparison.Ordinal))
            {
                throw new FaultException($"the acknowledged event of tenant {tenant} is lost: {body}");
            }
        }

        foreach (string backup in Directory.Exists(Path.Combine(directory, "backups")) ? Directory.EnumerateDirectories(Path.Combine(directory, "backups")) : [])
        {
            Directory.Delete(backup, recursive: true);
        }

        _tenants.Clear(); // each has been seen whole once after a crash; the log they share is checked in every round
    }
}
