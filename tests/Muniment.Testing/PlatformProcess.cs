using System.Diagnostics;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Muniment.Testing;

/// <summary>The real platform as a process of its own: the same executable that scripts/run starts, on free ports and a directory of the caller's.</summary>
public sealed partial class PlatformProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);
    private readonly Process process;
    private readonly Lock outputLock = new();
    private readonly Queue<string> output = new();

    private PlatformProcess(Process process, string dataDirectory) => (this.process, DataDirectory) = (process, dataDirectory);

    /// <summary>The data directory.</summary>
    public string DataDirectory { get; }

    /// <summary>Base address of the API, ends with a slash.</summary>
    public Uri Http { get; private set; } = null!;

    /// <summary>Base address of OTLP/HTTP, ends with a slash.</summary>
    public Uri OtlpHttp { get; private set; } = null!;

    /// <summary>Address of OTLP/gRPC.</summary>
    public Uri OtlpGrpc { get; private set; } = null!;

    /// <summary>The first super-admin key.</summary>
    public string AdminKey { get; private set; } = "";

    /// <summary>From the start of the process until /readyz answered 200.</summary>
    public TimeSpan ReadyAfter { get; private set; }

    /// <summary>Process id.</summary>
    public int Id => process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => process.HasExited;

    /// <summary>Exit code, once it has ended.</summary>
    public int ExitCode => process.ExitCode;

    /// <summary>The last lines that it printed.</summary>
    public string Output
    {
        get
        {
            lock (outputLock)
            {
                return string.Join('\n', output);
            }
        }
    }

    /// <summary>The host's assembly beside the caller's, or where the build put it.</summary>
    public static string HostAssembly
    {
        get
        {
            string beside = Path.Combine(AppContext.BaseDirectory, "muniment-host.dll");
            if (File.Exists(beside) && File.Exists(Path.ChangeExtension(beside, ".runtimeconfig.json")))
            {
                return beside;
            }

            // artifacts/MODE/bin/PROJECT/CONFIGURATION/ -> artifacts/MODE/bin/Muniment.Host/CONFIGURATION/
            var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
            return Path.Combine(here.Parent!.Parent!.FullName, "Muniment.Host", here.Name, "muniment-host.dll");
        }
    }

    /// <summary>Starts and waits until it is ready. When it ends instead, the exception carries what it printed.</summary>
    public static async Task<PlatformProcess> StartAsync(string dataDirectory, IEnumerable<string>? arguments = null, IReadOnlyDictionary<string, string>? environment = null, bool waitUntilReady = true)
    {
        Directory.CreateDirectory(dataDirectory);
        string runFile = Path.Combine(dataDirectory, "run.json");
        File.Delete(runFile);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = dataDirectory };
        foreach (string argument in (string[])[HostAssembly, "--data", dataDirectory, "--http", "0", "--otlp-grpc", "0", "--otlp-http", "0", "--egress-allow", "127.0.0.0/8", .. arguments ?? []])
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var watch = Stopwatch.StartNew();
        var platform = new PlatformProcess(Process.Start(start)!, dataDirectory);
        platform.process.OutputDataReceived += (_, e) => platform.Keep(e.Data);
        platform.process.ErrorDataReceived += (_, e) => platform.Keep(e.Data);
        platform.process.BeginOutputReadLine();
        platform.process.BeginErrorReadLine();
        if (waitUntilReady)
        {
            await platform.WaitUntilReadyAsync(runFile, watch);
        }

        return platform;
    }

    /// <summary>A client with a key (the admin key when none is given).</summary>
    public HttpClient CreateClient(string? key = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { BaseAddress = Http };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key ?? AdminKey);
        return client;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (!process.HasExited)
        {
            _ = Kill(process.Id, 9);
        }

        await process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP: it does nothing until <see cref="Continue"/>, as on a machine that pauses.</summary>
    public void Pause() => _ = Kill(process.Id, 19);

    /// <summary>SIGCONT.</summary>
    public void Continue() => _ = Kill(process.Id, 18);

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (!process.HasExited)
        {
            _ = Kill(process.Id, 15);
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan limit)
    {
        using var source = new CancellationTokenSource(limit);
        await process.WaitForExitAsync(source.Token);
        return process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    /// <summary>Waits until it can be reached, ready or not.</summary>
    public async Task WaitUntilServedAsync()
    {
        string runFile = Path.Combine(DataDirectory, "run.json");
        for (var watch = Stopwatch.StartNew(); Http is null; await Task.Delay(20))
        {
            if (process.HasExited || watch.Elapsed > StartLimit)
            {
                throw new InvalidOperationException($"the platform cannot be reached:\n{Output}");
            }

            if (File.Exists(runFile))
            {
                ReadRunFile(runFile);
            }
        }

        AdminKey = (await File.ReadAllTextAsync(Path.Combine(DataDirectory, "admin.key"))).Trim();
    }

    private async Task WaitUntilReadyAsync(string runFile, Stopwatch watch)
    {
        using var probe = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
        while (watch.Elapsed < StartLimit)
        {
            if (process.HasExited)
            {
                throw new PlatformEndedException(process.ExitCode, Output);
            }

            if (Http is null && File.Exists(runFile))
            {
                ReadRunFile(runFile);
            }

            if (Http is not null)
            {
                try
                {
                    using HttpResponseMessage response = await probe.GetAsync(new Uri(Http, "readyz"));
                    if (response.IsSuccessStatusCode)
                    {
                        ReadyAfter = watch.Elapsed;
                        AdminKey = (await File.ReadAllTextAsync(Path.Combine(DataDirectory, "admin.key"))).Trim();
                        return;
                    }
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
                {
                    // Not listening yet, or busy starting.
                }
            }

            await Task.Delay(20);
        }

        throw new TimeoutException($"the platform was not ready after {StartLimit.TotalSeconds} s:\n{Output}");
    }

    private void ReadRunFile(string runFile)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(runFile));
            Http = new Uri(document.RootElement.GetProperty("http").GetString() + "/");
            OtlpGrpc = new Uri(document.RootElement.GetProperty("otlp_grpc").GetString() + "/");
            OtlpHttp = new Uri(document.RootElement.GetProperty("otlp_http").GetString() + "/");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            // Being written.
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (outputLock)
        {
            output.Enqueue(line);
            if (output.Count > 200)
            {
                output.Dequeue();
            }
        }
    }
}
