using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Muniment.Testing;
using Spectre.Console;

namespace Muniment.Demo;

/// <summary>What the demo plays: three agents' captured telemetry goes in through the real receivers, and two local SIEMs show what reached them.</summary>
internal static class Story
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static HttpClient Connect(Uri http, string key)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = http };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    public static async Task<int> PlayAsync(HttpClient client, Uri otlp)
    {
        await using HecSink splunk = await HecSink.StartAsync();
        await using OtlpSink collector = await OtlpSink.StartAsync();
        string suffix = Guid.NewGuid().ToString("N")[..6];
        AnsiConsole.Write(new Rule("1. Two destinations").LeftJustified());
        await CreateAsync(client, new
        {
            id = "demo-splunk-" + suffix, kind = "splunk_hec", endpoint = splunk.Address, credential = new { token = "00000000-0000-0000-0000-000000000000" },
            streams = new[] { "decision", "activity", "alert" }, format = "canonical",
        });
        await CreateAsync(client, new
        {
            id = "demo-collector-" + suffix, kind = "otlp_http", endpoint = collector.Address, streams = new[] { "otel_metrics" }, format = "otlp",
        });

        AnsiConsole.Write(new Rule("2. Three agents send what they really sent").LeftJustified());
        string ingestKey = await CreateKeyAsync(client);
        long first = await SizeAsync(client);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "fixtures"), "*.gz", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string signal = Path.GetFileName(file).Split('.')[1], agent = Path.GetFileName(Path.GetDirectoryName(file)!);
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(otlp, "v1/" + signal));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ingestKey);
            request.Content = new ByteArrayContent(Inflate(file));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using HttpResponseMessage response = await client.SendAsync(request);
            AnsiConsole.MarkupLineInterpolated($"  {agent,-6} {signal,-8} → {(int)response.StatusCode}");
            response.EnsureSuccessStatusCode();
        }

        AnsiConsole.Write(new Rule("3. Kept, and found again").LeftJustified());
        long logsAndSpans = await CountAsync(client, first, null), metrics = await CountAsync(client, first, "metric");
        AnsiConsole.MarkupLineInterpolated($"  {logsAndSpans} logs and spans, {metrics} metrics, each with its own seq from {first}");
        await ShowAsync(client);

        AnsiConsole.Write(new Rule("4. What reached the SIEMs").LeftJustified());
        await splunk.WaitForAsync((int)logsAndSpans, Patience);
        await collector.WaitForAsync("metrics", (int)metrics, Patience);
        IReadOnlyList<HecArrival> arrived = splunk.Arrivals;
        bool inOrder = arrived.Zip(arrived.Skip(1)).All(p => p.First.Seq < p.Second.Seq && p.Second.N == p.First.N + 1);
        AnsiConsole.MarkupLineInterpolated($"  HEC sink: {arrived.Count} events, seq {arrived[0].Seq} to {arrived[^1].Seq}, {(inOrder ? "in order, n without a hole" : "OUT OF ORDER")}");
        AnsiConsole.MarkupLineInterpolated($"  OTLP sink: {collector.Arrivals.Count} metrics, as they came");
        AnsiConsole.WriteLine();
        AnsiConsole.WriteLine(Shorten(arrived[^1].Text));
        AnsiConsole.WriteLine("\nNo decisions are shown: policies come with the deciding gateway.");
        return inOrder && arrived.Count == logsAndSpans ? 0 : 1;
    }

    private static byte[] Inflate(string file)
    {
        using var gzip = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        using var buffer = new MemoryStream();
        gzip.CopyTo(buffer);
        return buffer.ToArray();
    }

    private static async Task CreateAsync(HttpClient client, object destination)
    {
        using HttpResponseMessage response = await client.PostAsJsonAsync("api/v1/destinations", destination);
        string body = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"the destination was refused with {(int)response.StatusCode}: {body}");
        }

        AnsiConsole.MarkupLineInterpolated($"  created {JsonDocument.Parse(body).RootElement.GetProperty("id").GetString()}");
    }

    private static async Task<string> CreateKeyAsync(HttpClient client)
    {
        using HttpResponseMessage response = await client.PostAsJsonAsync("api/v1/keys", new { role = "ingest", name = "demo agents" });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("key").GetString()!;
    }

    private static async Task<long> SizeAsync(HttpClient client)
    {
        JsonElement newest = await client.GetFromJsonAsync<JsonElement>("api/v1/events?limit=1");
        JsonElement items = newest.GetProperty("items");
        return items.GetArrayLength() == 0 ? 0 : items[0].GetProperty("seq").GetInt64() + 1;
    }

    private static async Task<long> CountAsync(HttpClient client, long first, string? signal)
    {
        long count = 0;
        string? cursor = null;
        do
        {
            JsonElement page = await client.GetFromJsonAsync<JsonElement>($"api/v1/events?limit=1000&{(signal is null ? "stream=activity" : "signal=" + signal)}" + (cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor)));
            count += page.GetProperty("items").EnumerateArray().Count(e => e.GetProperty("seq").GetInt64() >= first);
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        return count;
    }

    private static async Task ShowAsync(HttpClient client)
    {
        Table table = new Table().AddColumns("seq", "actor", "action", "result", "session").Border(TableBorder.Simple);
        JsonElement page = await client.GetFromJsonAsync<JsonElement>("api/v1/events?limit=8&stream=activity");
        foreach (JsonElement e in page.GetProperty("items").EnumerateArray())
        {
            string session = e.TryGetProperty("trace", out JsonElement t) && t.TryGetProperty("session", out JsonElement s) ? s.GetString()! : "";
            table.AddRow(new Text(e.GetProperty("seq").ToString()), new Text(e.GetProperty("actor").GetProperty("id").GetString() ?? ""), new Text(e.GetProperty("action").GetString()!), new Text(e.GetProperty("result").GetString()!), new Text(session));
        }

        AnsiConsole.Write(table);
    }

    private static string Shorten(string text) => text.Length <= 600 ? text : text[..600] + " …";
}
