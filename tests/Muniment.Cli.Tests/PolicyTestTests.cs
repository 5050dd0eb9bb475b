using System.Diagnostics;
using System.Text.Json;

namespace Muniment.Cli.Tests;

/// <summary><c>policy test</c>: no platform, exit codes 0, 1 and 2, places of errors, <c>--json</c>.</summary>
public sealed class PolicyTestTests : IDisposable
{
    private const string Policy = "rules: [{id: models, on: [model.invoke], when: {model.requested: gpt-4o}, then: deny}, {id: cap, on: [model.invoke], when: {target: x}, then: modify, set: {max_tokens: 5}}]\n";

    private readonly string _directory = Directory.CreateTempSubdirectory("muniment-policy-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Cases_that_hold_pass_and_rules_that_none_matched_are_named()
    {
        string file = Save("models.yaml", Policy + "tests: [{name: off the list, request: {action: model.invoke, model: gpt-4o}, expect: {result: deny, rule: models}}]\n");
        (int code, string output, _) = await RunAsync("policy", "test", file);
        Assert.Equal(0, code);
        Assert.Contains("ok   off the list (line 2)", output, StringComparison.Ordinal);
        Assert.Contains("no case matched models/cap", output, StringComparison.Ordinal);
        Assert.Contains("1 passed, 0 failed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_case_that_fails_exits_1_and_says_what_was_found()
    {
        string file = Save("models.yaml", Policy);
        Save("models.tests.yaml", "- request: {action: model.invoke, model: gpt-4o}\n  expect: allow\n");
        (int code, string output, _) = await RunAsync("policy", "test", file, "--json");
        Assert.Equal(1, code);
        JsonElement root = JsonSerializer.Deserialize<JsonElement>(output);
        Assert.Equal((false, 1), (root.GetProperty("ok").GetBoolean(), root.GetProperty("failed").GetInt32()));
        Assert.Equal("expected result allow, found deny", root.GetProperty("tests")[0].GetProperty("problems")[0].GetString());
    }

    [Fact]
    public async Task A_policy_that_does_not_compile_exits_2_with_its_places()
    {
        string file = Save("bad.yaml", "mode: loud\nrules:\n  - {id: a, then: deny, when: {modell: x}}\n");
        (int code, _, string error) = await RunAsync("policy", "test", file);
        Assert.Equal(2, code);
        Assert.Contains("bad.yaml:1:7: mode: expected one of enforce, shadow", error, StringComparison.Ordinal);
        Assert.Contains("bad.yaml:3:32: rules[0].when.modell: unknown field 'modell'", error, StringComparison.Ordinal);
        (code, string output, _) = await RunAsync("policy", "test", file, "--json");
        Assert.Equal((2, 2), (code, JsonSerializer.Deserialize<JsonElement>(output).GetProperty("errors").GetArrayLength()));
        Assert.Equal(2, (await RunAsync("policy", "test", Path.Combine(_directory, "none.yaml"))).Code);
    }

    [Fact]
    public async Task Policies_are_evaluated_together_and_locks_hold()
    {
        string upper = Save("base.yaml", "lock: true\nuncovered: deny\n");
        string lower = Save("team.yaml", "scope: project:web\nuncovered: allow\n");
        (int code, _, string error) = await RunAsync("policy", "test", upper, lower);
        Assert.Equal(2, code);
        Assert.Contains("looser than uncovered: deny of the locked policy base", error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("policy", "test", upper)).Code);
    }

    private string Save(string name, string text)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[Path.Combine(AppContext.BaseDirectory, "muniment.dll"), .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
