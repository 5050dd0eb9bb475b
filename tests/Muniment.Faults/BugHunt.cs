using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Muniment.Testing;

namespace Muniment.Faults;

/// <summary>Shows that the soak would notice: with a deliberate mistake switched on, some check must fail.</summary>
internal static class BugHunt
{
    public static readonly string[] Names = ["no-fsync", "ack-before-commit", "position-before-post", "reuse-seq-after-crash", "tenant-filter-removed", "drop-on-full-queue", "no-dedup"];

    public static async Task RunAsync(string bug, int seed, TextWriter output)
    {
        var environment = new Dictionary<string, string> { ["MUNIMENT_BUG"] = bug };
        try
        {
            switch (bug)
            {
                case "no-fsync":
                    await FsyncAsync(environment);
                    break;
                case "ack-before-commit":
                    await DiskFaults.FullAsync(environment, output);
                    break;
                case "drop-on-full-queue":
                    // A queue of a few kilobytes is full all the time, and refusing is then the everyday answer.
                    await new KillSoak(seed, TextWriter.Null, TimeSpan.FromSeconds(30), new Dictionary<string, string>(environment) { ["Storage__QueueLimitBytes"] = "12000" }).RunAsync(16, []);
                    break;
                case "tenant-filter-removed":
                    await TenantsAsync(environment);
                    break;
                default:
                    await new KillSoak(seed, TextWriter.Null, TimeSpan.FromSeconds(30), environment).RunAsync(8, []);
                    break;
            }
        }
        catch (FaultException e)
        {
            output.WriteLine($"     {bug}: {e.Message}");
            return;
        }

        throw new FaultException($"{bug} was switched on and nothing noticed");
    }

    /// <summary>A process that is killed loses nothing that the kernel has, so what reaches the disk is counted at the system call.</summary>
    private static async Task FsyncAsync(IReadOnlyDictionary<string, string> environment)
    {
        const int Appends = 20;
        if (!File.Exists("/usr/bin/strace"))
        {
            throw new InvalidOperationException("strace is not installed (apt-get install strace), so synced writes cannot be counted");
        }

        string directory = Directory.CreateTempSubdirectory("muniment-soak-").FullName, trace = Path.Combine(directory, "trace.txt");
        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory, environment: environment);
        using Process strace = Process.Start(new ProcessStartInfo("/usr/bin/strace", ["-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", trace, "-p", platform.Id.ToString()]) { RedirectStandardError = true })!;
        while (!File.Exists(trace))
        {
            await Task.Delay(20);
        }

        await Task.Delay(500);
        using HttpClient client = platform.CreateClient();
        for (int i = 0; i < Appends; i++)
        {
            using HttpResponseMessage response = await client.PostAsJsonAsync("api/v1/events", new { id = "sync-" + i, actor = "user:jo", action = "a.b", result = "success" });
            response.EnsureSuccessStatusCode();
        }

        await platform.KillAsync();
        await strace.WaitForExitAsync();
        int synced = File.ReadLines(trace).Count(l => l.Contains("sync(", StringComparison.Ordinal));
        Directory.Delete(directory, recursive: true);
        if (synced < Appends)
        {
            throw new FaultException($"{Appends} acknowledged appends, {synced} syncs");
        }
    }

    private static async Task TenantsAsync(IReadOnlyDictionary<string, string> environment)
    {
        string directory = Directory.CreateTempSubdirectory("muniment-soak-").FullName;
        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory, environment: environment);
        using HttpClient admin = platform.CreateClient();
        using HttpResponseMessage created = await admin.PostAsJsonAsync("api/v1/tenants", new { id = "other", name = "Other" });
        created.EnsureSuccessStatusCode();
        string key = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("admin_key").GetString()!;
        using HttpResponseMessage sent = await admin.PostAsJsonAsync("api/v1/events", new { id = "secret-1", actor = "user:jo", action = "a.b", result = "success", target = "of default" });
        sent.EnsureSuccessStatusCode();
        using HttpClient other = platform.CreateClient(key);
        using HttpResponseMessage answer = await other.GetAsync("api/v1/events?limit=1000");
        string body = await answer.Content.ReadAsStringAsync();
        await platform.KillAsync();
        Directory.Delete(directory, recursive: true);
        if (!answer.IsSuccessStatusCode || body.Contains("of default", StringComparison.Ordinal))
        {
            throw new FaultException($"another tenant asked for its events and got {(int)answer.StatusCode} with {(body.Contains("of default", StringComparison.Ordinal) ? "somebody else's" : "none")}");
        }
    }
}
