using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Muniment.TestData;
using Muniment.Testing;

namespace Muniment.EndToEnd.Tests;

public class DeadDestinationTests
{
    private const int Bodies = 40;
    private const int Events = 1000;

    [Fact]
    public async Task A_destination_that_does_not_answer_neither_slows_appends_nor_stops_sealing()
    {
        using var directory = new TemporaryDirectory();
        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory.Path);
        using HttpClient client = platform.CreateClient();
        // Nothing listens on port 9 (discard) of the loopback address.
        await client.CreateDestinationAsync(new { id = "dead", kind = "otlp_http", endpoint = "http://127.0.0.1:9", streams = new[] { "otel_logs" }, format = "otlp", start = "beginning" });
        var generator = new EventGenerator(3);
        for (int i = 0; i < Bodies; i++)
        {
            using var content = new ByteArrayContent(generator.LogsRequest(Events));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
            using HttpResponseMessage response = await client.PostAsync(new Uri(platform.OtlpHttp, "v1/logs"), content);
            Assert.True(response.IsSuccessStatusCode, $"body {i}: {(int)response.StatusCode}");
        }

        JsonElement journal;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        do
        {
            await Task.Delay(10, limit.Token);
            journal = (await client.GetFromJsonAsync<JsonElement>("api/v1/health", limit.Token)).GetProperty("journal");
        }
        while (journal.GetProperty("size").GetInt64() - journal.GetProperty("sealed").GetInt64() >= 8192);

        // The first attempt may still be under way; once one has failed, the state stays so.
        JsonElement status = await client.GetFromJsonAsync<JsonElement>("api/v1/destinations/dead/status", limit.Token);
        while (status.GetProperty("state").GetString() == "running")
        {
            await Task.Delay(10, limit.Token);
            status = await client.GetFromJsonAsync<JsonElement>("api/v1/destinations/dead/status", limit.Token);
        }

        Assert.True(status.GetProperty("lag").GetProperty("events").GetInt64() >= Bodies * Events);
        // Counters that never counted are not shown, so no line also means none.
        string slowed = (await client.GetStringAsync("metrics")).Split('\n').FirstOrDefault(line => line.StartsWith("muniment_journal_slowed_total", StringComparison.Ordinal)) ?? "muniment_journal_slowed_total 0";
        Assert.Equal(0, double.Parse(slowed[(slowed.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }
}
