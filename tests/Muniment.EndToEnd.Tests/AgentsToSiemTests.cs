using System.Text.Json;
using Muniment.Testing;

namespace Muniment.EndToEnd.Tests;

/// <summary>What three real agents sent goes in whole; their logs and spans come out at a HEC sink and their metrics at an OTLP sink, each in order.</summary>
public class AgentsToSiemTests(PlatformFixture fixture) : IClassFixture<PlatformFixture>
{
    [Fact]
    public async Task Real_agents_telemetry_reaches_both_SIEMs_in_order()
    {
        using HttpClient admin = fixture.Platform.CreateClient();
        await using HecSink splunk = await HecSink.StartAsync();
        await using OtlpSink collector = await OtlpSink.StartAsync();
        await admin.CreateDestinationAsync(new { id = "splunk", kind = "splunk_hec", endpoint = splunk.Address, credential = new { token = "00000000-0000-0000-0000-000000000000" }, streams = new[] { "activity" }, format = "canonical", start = "beginning" });
        await admin.CreateDestinationAsync(new { id = "collector", kind = "otlp_http", endpoint = collector.Address, streams = new[] { "otel_metrics" }, format = "otlp", start = "beginning" });

        using HttpClient agent = fixture.Platform.CreateClient(await admin.CreateKeyAsync(new { role = "ingest", name = "agents" }));
        int logsAndSpans = 0, metrics = 0;
        foreach (string file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "fixtures"), "*.gz", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string signal = Path.GetFileName(file).Split('.')[1];
            byte[] body = Api.Inflate(file);
            int records = CountRecords(body);
            _ = signal == "metrics" ? metrics += records : logsAndSpans += records;
            await agent.PostOtlpAsync(fixture.Platform.OtlpHttp, signal, body);
        }

        Assert.Equal(logsAndSpans, (await admin.EventsAsync("stream=activity")).Count);
        Assert.Equal(metrics, (await admin.EventsAsync("signal=metric")).Count);
        await splunk.WaitForAsync(logsAndSpans, TimeSpan.FromMinutes(3));
        await collector.WaitForAsync("metrics", metrics, TimeSpan.FromMinutes(3));

        IReadOnlyList<HecArrival> arrived = splunk.Arrivals;
        Assert.Equal(logsAndSpans, arrived.Count);
        Assert.Equal(Enumerable.Range(0, logsAndSpans).Select(i => (long)i), arrived.Select(a => a.N));
        Assert.True(arrived.Zip(arrived.Skip(1)).All(p => p.First.Seq < p.Second.Seq), "out of order");
        Assert.Equal(metrics, collector.Arrivals.Count);

        // The prompt that Gemini's resource carries is cut; only its name and count are told.
        JsonElement[] details = [.. arrived.Select(a => JsonDocument.Parse(a.Text).RootElement.GetProperty("event").GetProperty("details"))];
        Assert.DoesNotContain(details, d => d.TryGetProperty("resource", out JsonElement resource) && resource.TryGetProperty("process.command_args", out _));
        Assert.Contains(details, d => d.TryGetProperty("cut", out JsonElement cut) && cut.GetProperty("process.command_args").GetInt32() > 0);
    }

    private static int CountRecords(byte[] json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        int count = 0;
        foreach (JsonElement resource in document.RootElement.EnumerateObject().Single().Value.EnumerateArray())
        {
            foreach (JsonElement scope in resource.EnumerateObject().Single(p => p.Name.StartsWith("scope", StringComparison.Ordinal)).Value.EnumerateArray())
            {
                count += scope.EnumerateObject().Single(p => p.Name is "logRecords" or "spans" or "metrics").Value.GetArrayLength();
            }
        }

        return count;
    }
}
