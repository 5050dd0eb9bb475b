using System.Diagnostics;
using System.Text.Json;

namespace Muniment.Cli.Tests;

/// <summary>The command line as scripts see it: exit codes 0, 1 (no) and 2 (unusable), <c>--json</c>, MUNIMENT_URL and MUNIMENT_KEY, nothing but text in a pipe.</summary>
public sealed class CliTests : IAsyncLifetime
{
    private const string Accepted = """{"accepted":1,"duplicates":0,"rejected":[],"first":7,"last":7}""";
    private readonly string _directory = Directory.CreateTempSubdirectory("muniment-cli-").FullName;
    private FakeApi _api = null!;

    public async Task InitializeAsync() => _api = await FakeApi.StartAsync();

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Send_of_one_event_by_flags()
    {
        _api.On("POST /api/v1/events", 202, Accepted);
        (int code, string output, _) = await RunAsync("send", "--actor", "user:jo", "--action", "repo.read", "--target", "billing");
        Assert.Equal((0, "accepted 1, duplicates 0, rejected 0, seq 7 to 7"), (code, output.Trim()));
        JsonElement sent = JsonSerializer.Deserialize<JsonElement>(Assert.Single(_api.Requests).Body);
        Assert.Equal(("user:jo", "repo.read", "billing", "success"), (Text("actor"), Text("action"), Text("target"), Text("result")));
        string? Text(string name) => sent.GetProperty(name).GetString();
    }

    [Fact]
    public async Task Send_of_lines_says_no_when_one_is_rejected_and_shows_the_answer_as_it_is_with_json()
    {
        const string answer = """{"accepted":1,"duplicates":0,"rejected":[{"index":1,"reason":"actor: expected a string"}],"first":7,"last":7}""";
        _api.On("POST /api/v1/events", 202, answer);
        string file = Path.Combine(_directory, "events.ndjson");
        await File.WriteAllTextAsync(file, "{\"actor\":\"a\"}\n{\"actor\":7}\n");
        (int code, string output, string error) = await RunAsync("send", file);
        Assert.Equal(1, code);
        Assert.StartsWith("accepted 1", output, StringComparison.Ordinal);
        Assert.Contains("event 1: actor: expected a string", error, StringComparison.Ordinal);
        (code, output, _) = await RunAsync("send", file, "--json");
        Assert.Equal((1, answer), (code, output.Trim()));
        Assert.All(_api.Requests, r => Assert.StartsWith("application/x-ndjson", r.Type, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Query_answers_whether_there_was_anything()
    {
        _api.On("GET /api/v1/events", 200, """{"items":[{"seq":3,"ts":"2026-11-20T10:11:12.123456789Z","actor":{"id":"jo"},"action":"a.b","target":"t","result":"denied"}],"next":null}""");
        (int code, string output, string error) = await RunAsync("query", "result=denied", "two", "words");
        Assert.Equal(0, code);
        Assert.Contains("2026-11-20T10:11:12.123Z", output, StringComparison.Ordinal);
        Assert.Contains("1 event(s)", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
        Assert.Contains("&result=denied&q=two%20words", Assert.Single(_api.Requests).Query, StringComparison.Ordinal);
        (_, output, _) = await RunAsync("query", "--json");
        Assert.Equal(3, JsonSerializer.Deserialize<JsonElement>(output).GetProperty("seq").GetInt32());

        _api.On("GET /api/v1/events", 200, """{"items":[],"next":null}""");
        Assert.Equal(1, (await RunAsync("query")).Code);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task Destination_test_shows_each_step_and_what_to_do(bool ok, int expected)
    {
        string answer = $$"""{"ok":{{(ok ? "true" : "false")}},"steps":[{"step":"resolve","ok":true,"ms":1.25,"detail":"10.1.2.3"},{"step":"auth","ok":{{(ok ? "true" : "false")}},"ms":3,"detail":"HTTP 403 [code 4]","hint":"renew the token"}],"event_id":"e1","correlation":"c1"}""";
        _api.On("POST /api/v1/destinations/splunk-prod/test", 200, answer);
        (int code, string output, _) = await RunAsync("destination", "test", "splunk-prod");
        Assert.Equal(expected, code);
        Assert.Contains("HTTP 403 [code 4]", output, StringComparison.Ordinal);
        Assert.Equal(!ok, output.Contains("renew the token", StringComparison.Ordinal));
        Assert.Contains("event e1, correlation c1", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
        (code, output, _) = await RunAsync("destination", "test", "splunk-prod", "--json");
        Assert.Equal((expected, answer), (code, output.Trim()));
    }

    [Fact]
    public async Task What_cannot_be_used_is_two_and_says_why()
    {
        (string[] Arguments, string Says)[] cases =
        [
            (["nonsense"], "--help"),
            (["send", "no-such-file.json"], "no-such-file.json does not exist"),
            (["send", "--actor", "user:jo"], "--action is missing"),
            (["query", "--limit", "0"], "--limit 0"),
            (["query", "--url", "ftp://x"], "expected an http or https URL"),
            (["query", "--url", "http://127.0.0.1:9"], "The platform did not answer"),
            (["query", "--key-file", "nowhere.key"], "nowhere.key does not exist"),
            (["destination", "test", "unknown"], "404: no such thing"),
        ];
        foreach ((string[] arguments, string says) in cases)
        {
            (int code, string output, string error) = await RunAsync(arguments);
            Assert.Equal((2, ""), (code, output));
            Assert.Contains(says, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_key_file_goes_before_the_variable_and_a_refused_key_is_unusable()
    {
        _api.On("GET /api/v1/events", 200, """{"items":[],"next":null}""");
        string file = Path.Combine(_directory, "key");
        await File.WriteAllTextAsync(file, "mk_wrong\n");
        (int code, _, string error) = await RunAsync("query", "--key-file", file);
        Assert.Equal(2, code);
        Assert.Contains("401: the key is not known", error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, FakeApi.Key + "\n");
        Assert.Equal(1, (await RunAsync("query", "--key-file", file)).Code);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        string beside = Path.Combine(AppContext.BaseDirectory, "muniment.dll");
        ProcessStartInfo start = new("dotnet", [beside, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = _directory };
        start.Environment["MUNIMENT_URL"] = _api.Url;
        start.Environment["MUNIMENT_KEY"] = FakeApi.Key;
        start.Environment["TERM"] = "xterm-256color"; // with which colours would come, were it not a pipe
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token), error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await error);
    }
}
