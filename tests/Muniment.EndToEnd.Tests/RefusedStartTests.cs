using System.Diagnostics;
using Muniment.Testing;

namespace Muniment.EndToEnd.Tests;

/// <summary>Starts that are refused: one sentence, exit code 2, and nothing of a running platform touched.</summary>
public class RefusedStartTests
{
    [Fact]
    public async Task A_second_process_on_one_data_directory_is_refused_and_leaves_the_first_alone()
    {
        using var directory = new TemporaryDirectory();
        string data = Path.Combine(directory.Path, "data");
        await using PlatformProcess platform = await PlatformProcess.StartAsync(data);
        string run = await File.ReadAllTextAsync(Path.Combine(data, "run.json"));
        (int code, string said) = await StartAsync("--data", data, "--http", "0", "--otlp-grpc", "0", "--otlp-http", "0");
        Assert.Equal(2, code);
        Assert.Contains("in use by process", said, StringComparison.Ordinal);
        Assert.Equal(run, await File.ReadAllTextAsync(Path.Combine(data, "run.json")));
    }

    [Fact]
    public async Task Two_listeners_on_one_port_cost_one_sentence()
    {
        using var directory = new TemporaryDirectory();
        (int code, string said) = await StartAsync("--data", Path.Combine(directory.Path, "data"), "--http", "0", "--otlp-grpc", "1900", "--otlp-http", "1900");
        Assert.Equal((2, "--otlp-http 1900: --otlp-grpc has the same port; choose another one, or 0 for any free one."), (code, said.Trim()));
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_made_costs_one_sentence()
    {
        using var directory = new TemporaryDirectory();
        string file = Path.Combine(directory.Path, "file");
        await File.WriteAllTextAsync(file, "no directory");
        (int code, string said) = await StartAsync("--data", file, "--http", "0", "--otlp-grpc", "0", "--otlp-http", "0");
        Assert.Equal(2, code);
        Assert.Contains("--data", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Said)> StartAsync(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [PlatformProcess.HostAssembly, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + error);
    }
}
