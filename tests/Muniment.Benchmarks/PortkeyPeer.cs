using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Muniment.Testing.Upstreams;

namespace Muniment.Benchmarks;

/// <summary>Portkey's gateway as npm has it, in a process of its own: one regex guardrail on the request, nothing recorded.</summary>
internal sealed class PortkeyPeer : IAsyncDisposable
{
    /// <summary>The version that is compared.</summary>
    public const string Version = "1.15.2";

    private const string Package = "@portkey-ai/gateway";
    private static readonly TimeSpan InstallLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private readonly Process process;

    private PortkeyPeer(Process process, Uri address) => (this.process, Address) = (process, address);

    /// <summary>Base address of its OpenAI-compatible API, ends with a slash.</summary>
    public Uri Address { get; }

    /// <summary>Process id.</summary>
    public int Id => process.Id;

    /// <summary>What it does with a call, as a header of each: the upstream and the guardrail, which refuses texts that the benchmark's do not have.</summary>
    public static string Config(string upstream) => JsonSerializer.Serialize(new
    {
        provider = "openai",
        api_key = FakeUpstream.Key,
        custom_host = upstream + "/v1",
        input_guardrails = new[] { new Dictionary<string, object> { ["default.regexMatch"] = new { rule = "forbidden-[0-9]{6}", not = true }, ["deny"] = true } },
    });

    /// <summary>Installs it where it is not there yet, and starts it; else why there is none.</summary>
    public static async Task<(PortkeyPeer? Peer, string? Why)> StartAsync()
    {
        string directory = Path.Combine(Artifacts(), "npm", "portkey");
        string program = Path.Combine(directory, "node_modules", Package, "build", "start-server.js");
        try
        {
            if (!File.Exists(program))
            {
                Directory.CreateDirectory(directory);
                using var limit = new CancellationTokenSource(InstallLimit);
                using Process install = Process.Start(new ProcessStartInfo("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", $"{Package}@{Version}"]) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true })!;
                Task<string> said = install.StandardError.ReadToEndAsync(limit.Token);
                await install.StandardOutput.ReadToEndAsync(limit.Token);
                await install.WaitForExitAsync(limit.Token);
                if (!File.Exists(program))
                {
                    return (null, $"npm cannot install {Package}@{Version} here: {(await said).Split('\n')[0]}");
                }
            }

            int port = FreePort();
            var start = new ProcessStartInfo("node", [program, "--headless", $"--port={port}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["NODE_ENV"] = "production";
            var peer = new PortkeyPeer(Process.Start(start)!, new Uri($"http://127.0.0.1:{port}/v1/"));
            peer.process.OutputDataReceived += (_, _) => { };
            peer.process.ErrorDataReceived += (_, _) => { };
            peer.process.BeginOutputReadLine();
            peer.process.BeginErrorReadLine();
            if (await peer.IsServingAsync(port))
            {
                return (peer, null);
            }

            await peer.DisposeAsync();
            return (null, $"{Package}@{Version} did not start within {StartLimit.TotalSeconds} s");
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or OperationCanceledException)
        {
            return (null, $"{Package}@{Version} needs node and npm: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task<bool> IsServingAsync(int port)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < StartLimit && !process.HasExited; await Task.Delay(50))
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                // Not yet.
            }
        }

        return false;
    }

    private static string Artifacts()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (at.Name == "artifacts")
            {
                return at.FullName;
            }
        }

        return AppContext.BaseDirectory;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
