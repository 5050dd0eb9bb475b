using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Muniment.Testing;

namespace Muniment.Faults;

/// <summary>A full disk and a failing fsync: the request fails, nothing is acknowledged that was not kept, and the process says why.</summary>
internal static class DiskFaults
{
    private const int DiskMegabytes = 24;

    /// <summary>Fills a small file system, then checks every acknowledgement, reads while it is full, and writes again after space returned.</summary>
    public static async Task FullAsync(IReadOnlyDictionary<string, string>? environment, TextWriter output)
    {
        string directory = Directory.CreateTempSubdirectory("muniment-disk-").FullName;
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={DiskMegabytes}m", "tmpfs", directory);
        try
        {
            var acknowledged = new List<string>();
            await using (PlatformProcess platform = await PlatformProcess.StartAsync(directory, ["--Storage:LowWaterBytes", "0", "--Storage:ReserveBytes", "0"], environment))
            {
                using HttpClient client = platform.CreateClient();
                HttpStatusCode refused = await FillAsync(client, acknowledged);
                output.WriteLine($"     disk full after {acknowledged.Count} events, answered {(int)refused}");
                if (refused != HttpStatusCode.ServiceUnavailable)
                {
                    throw new FaultException($"a full disk was answered {(int)refused}, 503 is due");
                }

                await CheckAsync(client, acknowledged);
                await RunAsync("mount", "-o", $"remount,size={2 * DiskMegabytes}m", directory);
                await EventuallyAsync(client, acknowledged);
                await platform.KillAsync();
            }

            await using PlatformProcess again = await PlatformProcess.StartAsync(directory, ["--Storage:LowWaterBytes", "0", "--Storage:ReserveBytes", "0"]);
            using HttpClient reader = again.CreateClient();
            await CheckAsync(reader, acknowledged);
        }
        finally
        {
            await RunAsync("umount", "-l", directory);
            Directory.Delete(directory);
        }
    }

    /// <summary>Lets every fsync fail from some moment on: the process must end, say why, and keep all that it acknowledged.</summary>
    public static async Task FsyncAsync(TextWriter output)
    {
        string directory = Directory.CreateTempSubdirectory("muniment-disk-").FullName;
        var acknowledged = new List<string>();
        await using (PlatformProcess platform = await PlatformProcess.StartAsync(directory))
        {
            using HttpClient client = platform.CreateClient();
            for (int i = 0; i < 10; i++)
            {
                await SendAsync(client, acknowledged);
            }

            using Process strace = Process.Start(new ProcessStartInfo("/usr/bin/strace", ["-f", "-qq", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO", "-o", "/dev/null", "-p", platform.Id.ToString()]) { RedirectStandardError = true })!;
            for (int i = 0; i < 100 && !platform.HasExited; i++)
            {
                try
                {
                    await SendAsync(client, acknowledged);
                }
                catch (HttpRequestException)
                {
                    // The process ends: no answer, so nothing was acknowledged.
                }

                await Task.Delay(50);
            }

            int code = await platform.WaitForExitAsync(TimeSpan.FromSeconds(20));
            await strace.WaitForExitAsync();
            output.WriteLine($"     fsync failed: the process ended with {code} and said: {platform.Output.Split('\n').LastOrDefault(l => l.Contains("torage"))}");
            if (code == 0 || !platform.Output.Contains("Storage failed", StringComparison.Ordinal))
            {
                throw new FaultException($"after a failed fsync the process ended with {code} and said: {platform.Output}");
            }
        }

        await using PlatformProcess again = await PlatformProcess.StartAsync(directory);
        using HttpClient reader = again.CreateClient();
        await CheckAsync(reader, acknowledged);
        await again.KillAsync();
        Directory.Delete(directory, recursive: true);
    }

    private static async Task<HttpStatusCode> FillAsync(HttpClient client, List<string> acknowledged)
    {
        for (int i = 0; i < 20_000; i++)
        {
            HttpStatusCode status = await SendAsync(client, acknowledged);
            if (status != HttpStatusCode.Accepted)
            {
                return status;
            }
        }

        throw new FaultException($"{acknowledged.Count} events fit into {DiskMegabytes} MB and the disk was never full");
    }

    private static async Task EventuallyAsync(HttpClient client, List<string> acknowledged)
    {
        for (int i = 0; i < 200; i++)
        {
            if (await SendAsync(client, acknowledged) == HttpStatusCode.Accepted)
            {
                return;
            }

            await Task.Delay(50);
        }

        throw new FaultException("space returned, and 10 s later nothing is accepted yet");
    }

    private static async Task<HttpStatusCode> SendAsync(HttpClient client, List<string> acknowledged)
    {
        string id = "disk-" + Guid.NewGuid().ToString("N");
        // Random text does not compress, so the disk fills in seconds.
        string noise = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(30_000));
        using HttpResponseMessage response = await client.PostAsJsonAsync("api/v1/events", new { id, actor = "user:jo", action = "a.b", result = "success", trace = id, noise });
        if (response.StatusCode == HttpStatusCode.Accepted)
        {
            acknowledged.Add(id);
        }

        return response.StatusCode;
    }

    private static async Task CheckAsync(HttpClient client, List<string> acknowledged)
    {
        foreach (string id in acknowledged.TakeLast(30).Concat(acknowledged.Take(10)))
        {
            using HttpResponseMessage response = await client.GetAsync("api/v1/events?correlation=" + id);
            response.EnsureSuccessStatusCode();
            JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>();
            int found = answer.GetProperty("items").GetArrayLength();
            if (found != 1)
            {
                throw new FaultException($"acknowledged event {id} is there {found} times");
            }
        }
    }

    private static async Task RunAsync(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        string said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command} failed ({said.Trim()}); this check needs root");
        }
    }
}
