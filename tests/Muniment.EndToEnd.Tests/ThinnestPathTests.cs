using System.Net;
using System.Text.Json;
using Muniment.Testing;

namespace Muniment.EndToEnd.Tests;

public class ThinnestPathTests
{
    private const string Event = """{"id":"first-1","actor":{"id":"jo@example.com","type":"user"},"action":"repo.read","target":"acme/site","result":"allowed","trace":{"correlation":"c-1"}}""";

    [Fact]
    public async Task An_acknowledged_event_survives_kill_9_and_is_found_again()
    {
        using var directory = new TemporaryDirectory();
        await using (PlatformProcess platform = await PlatformProcess.StartAsync(directory.Path))
        {
            using HttpClient client = platform.CreateClient();
            JsonElement answer = await client.PostEventsAsync(Event);
            Assert.Equal(1, answer.GetProperty("accepted").GetInt32());
            Assert.Equal(answer.GetProperty("first").GetInt64(), answer.GetProperty("last").GetInt64());
            JsonElement found = Assert.Single(await client.EventsAsync("correlation=c-1"));
            Assert.Equal("repo.read", found.GetProperty("action").GetString());
            await platform.KillAsync();
        }

        await using PlatformProcess again = await PlatformProcess.StartAsync(directory.Path);
        using HttpClient reader = again.CreateClient();
        JsonElement kept = Assert.Single(await reader.EventsAsync("correlation=c-1"));
        Assert.Equal("first-1", kept.GetProperty("id").GetString());
        Assert.Equal("acme/site", kept.GetProperty("target").GetString());

        JsonElement repeated = await reader.PostEventsAsync(Event);
        Assert.Equal(0, repeated.GetProperty("accepted").GetInt32());
        Assert.Equal(1, repeated.GetProperty("duplicates").GetInt32());
        Assert.Equal(JsonValueKind.Null, repeated.GetProperty("first").ValueKind);
        Assert.Equal(0, await again.StopAsync());
    }

    [Fact]
    public async Task A_second_process_on_one_data_directory_is_refused_and_says_why()
    {
        using var directory = new TemporaryDirectory();
        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory.Path);
        string runFile = await File.ReadAllTextAsync(Path.Combine(directory.Path, "run.json"));
        await using PlatformProcess second = await PlatformProcess.StartAsync(directory.Path, waitUntilReady: false);
        Assert.NotEqual(0, await second.WaitForExitAsync(TimeSpan.FromMinutes(2)));
        Assert.Contains(directory.Path, second.Output);
        Assert.DoesNotContain("   at ", second.Output);

        using HttpClient client = platform.CreateClient();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("readyz")).StatusCode);
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "run.json"), runFile);
    }

    [Fact]
    public async Task Health_names_each_destination_with_its_lag_and_the_description_names_the_queries()
    {
        using var directory = new TemporaryDirectory();
        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory.Path);
        using HttpClient client = platform.CreateClient();
        using HttpResponseMessage made = await client.PostAsync("api/v1/destinations", Api.Json("""{"id":"archive","kind":"file","endpoint":"archive","streams":["activity"],"start":"beginning","enabled":false}"""));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        await client.PostEventsAsync(Event);
        using JsonDocument health = JsonDocument.Parse(await client.GetStringAsync("api/v1/health"));
        JsonElement destination = Assert.Single(health.RootElement.GetProperty("destinations").EnumerateArray());
        Assert.Equal(("archive", "disabled"), (destination.GetProperty("id").GetString(), destination.GetProperty("state").GetString()));
        Assert.True(destination.GetProperty("lag").GetProperty("events").GetInt64() >= 1);
        Assert.Equal(destination.GetProperty("lag").GetRawText(), health.RootElement.GetProperty("lag").GetRawText());

        using JsonDocument description = JsonDocument.Parse(await client.GetStringAsync("openapi/v1.json"));
        JsonElement paths = description.RootElement.GetProperty("paths");
        Assert.True(paths.GetProperty("/api/v1/events").TryGetProperty("get", out _));
        Assert.True(paths.TryGetProperty("/api/v1/sessions/{id}", out _));
    }

    [Theory]
    [InlineData("key.create")]
    [InlineData("destination.create")]
    public async Task A_change_that_was_stored_when_the_process_was_killed_is_recorded_once(string action)
    {
        using var directory = new TemporaryDirectory();
        await using (PlatformProcess platform = await PlatformProcess.StartAsync(directory.Path, environment: new Dictionary<string, string> { ["FAULT"] = "change-before-record:1" }))
        {
            using HttpClient doomed = platform.CreateClient();
            await Assert.ThrowsAnyAsync<Exception>(() => action == "key.create"
                ? doomed.CreateKeyAsync(new { role = "auditor", name = "caught between" })
                : doomed.CreateDestinationAsync(new { id = "between", kind = "file", endpoint = "between", streams = new[] { "admin" } }));
            Assert.NotEqual(0, await platform.WaitForExitAsync(TimeSpan.FromMinutes(2)));
        }

        await using PlatformProcess again = await PlatformProcess.StartAsync(directory.Path);
        using HttpClient client = again.CreateClient();
        string made = await client.GetStringAsync(action == "key.create" ? "api/v1/keys?limit=1000" : "api/v1/destinations/between");
        Assert.Contains("between", made);
        List<JsonElement> admin = [];
        for (DateTime end = DateTime.UtcNow.AddMinutes(2); admin.Count == 0 && DateTime.UtcNow < end; await Task.Delay(50))
        {
            admin = await client.EventsAsync("stream=admin");
        }

        JsonElement only = Assert.Single(admin);
        Assert.Equal(action, only.GetProperty("action").GetString());
        Assert.True(only.GetProperty("details").TryGetProperty("after", out _));
    }

    [Theory]
    [InlineData("--colour", "blue", "--colour")]
    [InlineData("--http", "eighty", "--http")]
    [InlineData("--bind", "0.0.0.0", "--insecure-http")]
    public async Task A_wrong_flag_gets_one_sentence_that_names_it(string flag, string value, string named)
    {
        using var directory = new TemporaryDirectory();
        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory.Path, [flag, value], waitUntilReady: false);
        Assert.Equal(2, await platform.WaitForExitAsync(TimeSpan.FromMinutes(2)));
        Assert.Contains(named, platform.Output);
        Assert.DoesNotContain("   at ", platform.Output);
    }

    [Fact]
    public async Task A_fault_at_a_point_that_is_not_there_is_refused_with_the_list()
    {
        using var directory = new TemporaryDirectory();
        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory.Path, environment: new Dictionary<string, string> { ["FAULT"] = "before-comit:1" }, waitUntilReady: false);
        Assert.Equal(2, await platform.WaitForExitAsync(TimeSpan.FromMinutes(2)));
        Assert.Contains("before-commit", platform.Output);
        Assert.Contains("after-send-before-settle", platform.Output);
        Assert.DoesNotContain("   at ", platform.Output);
    }

    [Fact]
    public async Task Below_the_low_water_mark_it_is_not_ready_for_events_and_admin_changes_go_on()
    {
        using var directory = new TemporaryDirectory();
        await using (PlatformProcess first = await PlatformProcess.StartAsync(directory.Path))
        {
            Assert.Equal(0, await first.StopAsync());
        }

        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory.Path, ["--Storage:LowWaterBytes", "1000000000000000"], waitUntilReady: false);
        await platform.WaitUntilServedAsync();
        using HttpClient client = platform.CreateClient();
        string why = "";
        for (DateTime end = DateTime.UtcNow.AddMinutes(2); !why.Contains("LowWaterBytes") && DateTime.UtcNow < end; await Task.Delay(50))
        {
            using HttpResponseMessage ready = await client.GetAsync("readyz");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            why = await ready.Content.ReadAsStringAsync();
        }

        Assert.Contains("LowWaterBytes", why);
        await client.PostEventsAsync(Event, expected: HttpStatusCode.ServiceUnavailable);
        await client.CreateKeyAsync(new { role = "auditor" });
        await client.CreateDestinationAsync(new { id = "low", kind = "file", endpoint = "low", streams = new[] { "admin" } });
        using HttpResponseMessage paused = await client.PostAsync("api/v1/destinations/low/pause", null);
        Assert.Equal(HttpStatusCode.OK, paused.StatusCode);
        List<JsonElement> admin = await client.EventsAsync("stream=admin");
        Assert.Equal(["key.create", "destination.create", "destination.pause"], admin.Select(e => e.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task A_port_in_use_gets_one_sentence_that_names_flag_and_port()
    {
        using var directory = new TemporaryDirectory();
        await using HecSink occupant = await HecSink.StartAsync();
        string port = new Uri(occupant.Address).Port.ToString();
        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory.Path, ["--otlp-http", port], waitUntilReady: false);
        Assert.Equal(2, await platform.WaitForExitAsync(TimeSpan.FromMinutes(2)));
        Assert.Contains("--otlp-http", platform.Output);
        Assert.Contains(port, platform.Output);
        Assert.DoesNotContain("   at ", platform.Output);
    }
}
