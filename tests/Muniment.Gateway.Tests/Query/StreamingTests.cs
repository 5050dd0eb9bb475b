using System.Text.Json.Nodes;
using Muniment.Gateway.Access;

namespace Muniment.Gateway.Tests.Query;

public sealed class StreamingTests : IAsyncLifetime
{
    private QueryHost host = null!;

    public async Task InitializeAsync()
    {
        host = await QueryHost.OpenAsync();
        await host.PostAsync(string.Join('\n', Enumerable.Range(0, 50).Select(i => $$"""{"actor":"a{{i % 2}}","action":"n","result":"info","reason":"=r{{i}}","tool":{"command":"secret"} }""")));
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    private async Task<string> TextAsync(string path, string? key = null)
    {
        using HttpResponseMessage answer = await host.SendAsync(HttpMethod.Get, "/api/v1/" + path, key);
        Assert.Equal(200, (int)answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    [Fact]
    public async Task ExportsGiveEveryMatchOnce()
    {
        string[] lines = (await TextAsync("export?format=ndjson&actor=a1")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Enumerable.Range(0, 25).Select(i => (2L * i) + 1), lines.Select(l => (long)JsonNode.Parse(l)!["seq"]!));
        string[] newest = (await TextAsync("export?order=desc&format=flat")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(("service:a1", 49L, 50), ("service:" + JsonNode.Parse(newest[0])!["actor"], (long)JsonNode.Parse(newest[0])!["seq"]!, newest.Length));
        string[] csv = (await TextAsync("export?format=csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(51, csv.Length);
        Assert.StartsWith("id,seq,ts,", csv[0], StringComparison.Ordinal);
        Assert.Contains("\"'=r0\"", csv[1], StringComparison.Ordinal);
        Assert.DoesNotContain("secret", await TextAsync("export?format=csv", await host.KeyAsync(Role.Analyst)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ocsf", "\"class_uid\":", "application/x-ndjson", "events.ocsf.ndjson")]
    [InlineData("ecs", "\"ecs\":{\"version\":", "application/x-ndjson", "events.ecs.ndjson")]
    [InlineData("udm", "\"event_type\":", "application/x-ndjson", "events.udm.ndjson")]
    [InlineData("asim", "\"EventSchema\":", "application/x-ndjson", "events.asim.ndjson")]
    [InlineData("cim", "\"vendor_product\":", "application/x-ndjson", "events.cim.ndjson")]
    [InlineData("cef", "CEF:0|Muniment|", "text/plain", "events.cef")]
    [InlineData("leef", "LEEF:2.0|Muniment|", "text/plain", "events.leef")]
    public async Task ExportsSpeakTheFormatsOfSiems(string format, string sign, string type, string file)
    {
        await host.PostAsync("""{"actor":"u","action":"command.execute","result":"denied","tool":{"name":"Bash","command":"cat canary-command"},"details":{"prompt":"canary-prompt","kept":"plain-detail"}}""");
        using HttpResponseMessage answer = await host.SendAsync(HttpMethod.Get, $"/api/v1/export?format={format}");
        Assert.Equal((type, file), (answer.Content.Headers.ContentType!.MediaType, answer.Content.Headers.ContentDisposition!.FileName!.Trim('"')));
        string text = await answer.Content.ReadAsStringAsync();
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(51, lines.Length);
        Assert.All(lines, line => Assert.Contains(sign, line, StringComparison.Ordinal));
        Assert.DoesNotContain("muniment.destination", text, StringComparison.Ordinal);
        Assert.All((string[])["canary-command", "canary-prompt", "plain-detail"], word => Assert.Contains(word, text, StringComparison.Ordinal));

        // A role that may not see content sees none of it in any format.
        string masked = await TextAsync("export?format=" + format, await host.KeyAsync(Role.Analyst));
        Assert.Equal(51, masked.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.All((string[])["canary", "secret"], word => Assert.DoesNotContain(word, masked, StringComparison.Ordinal));
        Assert.Contains("plain-detail", masked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnExportWaitsForMinSeq()
    {
        Task<string> waiting = TextAsync("export?actor=late&min_seq=50");
        await host.PostAsync("""{"actor":"late","action":"n","result":"info"}""");
        Assert.Contains("\"seq\":50,", await waiting, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("format=otlp", "format")]
    [InlineData("format=xml", "format")]
    [InlineData("limit=0", "limit")]
    [InlineData("cursor=x", "cursor")]
    [InlineData("nope=1", "nope")]
    public async Task WrongParametersAreNamed(string query, string field)
    {
        (int status, JsonNode body) = await host.GetAsync("export?" + query);
        Assert.Equal((400, field), (status, (string)body["field"]!));
    }

    [Theory]
    [InlineData("export?limit=3", "0 1 2")]
    [InlineData("export?limit=2&order=desc&actor=a1", "49 47")]
    [InlineData("export?limit=100000&actor=nobody", "")]
    public async Task AnExportEndsAtItsLimit(string path, string seqs)
    {
        string[] lines = (await TextAsync(path + "&until=2100-01-01T00:00:00Z")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(seqs, string.Join(' ', lines.Select(line => (long)JsonNode.Parse(line)!["seq"]!)));
    }

    [Fact]
    public async Task ATailEndsWhenThePlatformStops()
    {
        using HttpResponseMessage answer = await host.SendAsync(HttpMethod.Get, "/api/v1/events/tail", lastEventId: "48");
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal(49, await NextAsync(reader));
        Task stopped = host.StopAsync();
        Assert.DoesNotContain("\"seq\"", await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(120)), StringComparison.Ordinal);
        await stopped.WaitAsync(TimeSpan.FromSeconds(120));
    }

    [Fact]
    public async Task ATailGivesWhatIsAppendedAndResumes()
    {
        using HttpResponseMessage answer = await host.SendAsync(HttpMethod.Get, "/api/v1/events/tail?actor=a1", lastEventId: "46");
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal(47, await NextAsync(reader));
        Assert.Equal(49, await NextAsync(reader));
        await host.PostAsync("""
            {"actor":"a0","action":"n","result":"info"}
            {"actor":"a1","action":"n","result":"info","details":{"x":
            1}}
            """.Replace("\r", "", StringComparison.Ordinal).Replace("\n1}", " 1}", StringComparison.Ordinal));
        Assert.Equal(51, await NextAsync(reader));
    }

    [Fact]
    public async Task WithoutAPlaceATailBeginsAtTheEnd()
    {
        using HttpResponseMessage answer = await host.SendAsync(HttpMethod.Get, "/api/v1/events/tail");
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal("retry: 1000", await reader.ReadLineAsync());
        await host.PostAsync("""{"actor":"a0","action":"n","result":"info"}""");
        Assert.Equal(50, await NextAsync(reader));
        Assert.Equal(400, (int)(await host.SendAsync(HttpMethod.Get, "/api/v1/events/tail", lastEventId: "x")).StatusCode);
    }

    private static async Task<long> NextAsync(StreamReader reader)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        string? id = null;
        while (await reader.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = line[4..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                JsonNode e = JsonNode.Parse(line[6..])!;
                Assert.Equal(id, e["seq"]!.ToString());
                return (long)e["seq"]!;
            }
        }

        throw new InvalidOperationException("the tail ended");
    }
}
