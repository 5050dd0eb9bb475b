using System.Text.Json.Nodes;
using Muniment.Gateway.Access;

namespace Muniment.Gateway.Tests.Query;

public sealed class EventsEndpointTests : IAsyncLifetime
{
    private const string Events = """
        {"id":"mine-0","actor":"user:ann@acme.com","action":"file.write","result":"denied","risk":"high","target":"prod/db","policy":{"id":"base","version":3},"ts":"2026-11-21T10:00:00Z","trace":{"correlation":"corr-one","session":"sess-one","trace_id":"0af7651916cd43dd8448eb211c80319c"},"resource":{"project":"pay"}}
        {"actor":{"id":"bot","type":"agent","user":"ann@acme.com"},"agent":{"kind":"codex"},"action":"tool.call","result":"success","tool":{"name":"Bash","command":"curl http://secrethost"},"model":{"requested":"gpt-4","served":"gpt-4o"},"ts":"2026-11-21T10:00:01Z","details":{"attributes":{"prompt":"hush hush","note":"visible Words"}}}
        {"actor":"build","action":"deploy","result":"info","client":{"address":"10.0.0.7"},"ts":"2026-11-21T10:00:02Z","reason":"Größe, and \"quotes\" \\ x"}
        {"actor":"user:bob@acme.com","action":"file.read","result":"allowed","resource":{"project":"web"},"ts":"2026-11-21T10:00:03Z","trace":"corr\u002dtwo"}
        """;

    private QueryHost host = null!;

    public async Task InitializeAsync()
    {
        host = await QueryHost.OpenAsync();
        await host.PostAsync(Events);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Theory]
    [InlineData("", "3 2 1 0")]
    [InlineData("order=asc", "0 1 2 3")]
    [InlineData("correlation=corr-one", "0")]
    [InlineData("correlation=corr-two", "3")]
    [InlineData("correlation=corr", "")]
    [InlineData("correlation=corr-one&correlation=corr-two", "3 0")]
    [InlineData("trace=0AF7651916cd43dd8448eb211c80319c", "0")]
    [InlineData("session=sess-one", "0")]
    [InlineData("actor=bot", "1")]
    [InlineData("actor=user:bob@acme.com", "3")]
    [InlineData("actor=bob@acme.com", "3")]
    [InlineData("user=ann@acme.com", "1 0")]
    [InlineData("agent=codex", "1")]
    [InlineData("action=deploy", "2")]
    [InlineData("result=denied", "0")]
    [InlineData("result=denied&result=info", "2 0")]
    [InlineData("policy=base&policy_version=3", "0")]
    [InlineData("policy=base&policy_version=4", "")]
    [InlineData("target=prod/db", "0")]
    [InlineData("model=gpt-4o", "1")]
    [InlineData("model=gpt-4", "1")]
    [InlineData("tool=Bash", "1")]
    [InlineData("tool=bash", "")]
    [InlineData("stream=activity", "3 2 1 0")]
    [InlineData("stream=admin", "")]
    [InlineData("signal=event", "3 2 1 0")]
    [InlineData("signal=metric", "")]
    [InlineData("risk=high", "0")]
    [InlineData("project=pay", "0")]
    [InlineData("address=10.0.0.7", "2")]
    [InlineData("decision=none", "")]
    [InlineData("since=2026-11-21T10:00:01Z&until=2026-11-21T10:00:03Z", "2 1")]
    [InlineData("since=2026-11-21T12:00:01%2B02:00&until=2026-11-21T12:00:03+02:00", "2 1")]
    [InlineData("received_since=2020-01-01T00:00:00Z", "3 2 1 0")]
    [InlineData("received_until=2020-01-01T00:00:00Z", "")]
    [InlineData("q=VISIBLE", "1")]
    [InlineData("q=words%20visible", "1")]
    [InlineData("q=words%20invisible", "")]
    [InlineData("q=gr%C3%B6sse%20x", "")]
    [InlineData("q=GR%C3%96%C3%9FE", "2")]
    [InlineData("q=secrethost", "1")]
    [InlineData("q=quotes", "2")]
    [InlineData("where=%7B%22result%22%3A%22Denied%22%7D", "0")]
    [InlineData("where=%7B%22model.requested%7Cstartswith%22%3A%22GPT%22%7D", "1")]
    [InlineData("where=%7B%22risk%7Cgte%22%3A%22medium%22%7D&user=ann@acme.com", "0")]
    [InlineData("where=%7B%22tool.command%7Ccontains%22%3A%22secrethost%22%7D", "1")]
    [InlineData("where=%7B%22details.attributes.note%22%3A%22*words%22%7D", "1")]
    [InlineData("min_seq=3", "3 2 1 0")]
    [InlineData("limit=2", "3 2")]
    public async Task EveryFilterOfTheContractWorks(string query, string seqs) => Assert.Equal(seqs, await host.SeqsAsync(query));

    [Theory]
    [InlineData("foo=1", "foo")]
    [InlineData("Result=denied", "Result")]
    [InlineData("result=maybe", "result")]
    [InlineData("result=", "result")]
    [InlineData("risk=severe", "risk")]
    [InlineData("trace=xyz", "trace")]
    [InlineData("policy_version=x", "policy_version")]
    [InlineData("policy_version=03", "policy_version")]
    [InlineData("since=yesterday", "since")]
    [InlineData("since=2026-11-21T10:00:00Z&since=2026-11-21T10:00:01Z", "since")]
    [InlineData("q=%20.,", "q")]
    [InlineData("where=nonsense", "where")]
    [InlineData("where=%7B%22nope%22%3A1%7D", "where.nope")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("order=up", "order")]
    [InlineData("cursor=abc", "cursor")]
    [InlineData("min_seq=-1", "min_seq")]
    [InlineData("format=xml", "format")]
    public async Task WrongParametersAreNamed(string query, string field) => Assert.Equal("400 " + field, await host.SeqsAsync(query));

    [Theory]
    [InlineData("")]
    [InlineData("&order=asc")]
    public async Task PagesCoverEverythingOnce(string order)
    {
        await host.PostAsync(string.Join('\n', Enumerable.Range(0, 23).Select(i => $$"""{"actor":"a","action":"n","result":"info","target":"t{{i}}"}""")));
        var seen = new List<long>();
        string? cursor = null;
        do
        {
            (_, JsonNode page) = await host.GetAsync($"events?limit=5{order}{(cursor is null ? "" : "&cursor=" + cursor)}");
            Assert.True(page["items"]!.AsArray().Count <= 5);
            seen.AddRange(page["items"]!.AsArray().Select(e => (long)e!["seq"]!));
            cursor = (string?)page["next"];
        }
        while (cursor is not null);
        Assert.Equal(Enumerable.Range(0, 27).Select(i => (long)i), order.Length > 0 ? seen : Enumerable.Reverse(seen));
    }

    [Fact]
    public async Task ACursorServesItsOwnQueryOnly()
    {
        (_, JsonNode page) = await host.GetAsync("events?limit=1");
        Assert.Equal("400 cursor", await host.SeqsAsync("limit=1&result=denied&cursor=" + page["next"]));
        Assert.Equal("400 cursor", await host.SeqsAsync("limit=1&order=asc&cursor=" + page["next"]));
        Assert.Equal("2", await host.SeqsAsync("limit=1&cursor=" + page["next"]));
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("%00")]
    [InlineData("AQ")]
    [InlineData("=")]
    public async Task ACursorThatIsNoneIsNamed(string cursor)
    {
        Assert.Equal("400 cursor", await host.SeqsAsync("limit=1&cursor=" + cursor));
        (int status, JsonNode problem) = await host.GetAsync("sessions?cursor=" + cursor);
        Assert.Equal((400, "cursor"), (status, (string?)problem["field"]));
    }

    [Fact]
    public async Task TheFlatFormComesBack()
    {
        (_, JsonNode page) = await host.GetAsync("events?order=asc&format=flat");
        Assert.Equal(
            ["user:ann@acme.com", "agent:bot", "build", "user:bob@acme.com"], page["items"]!.AsArray().Select(e => (string)e!["actor"]!));
        Assert.Equal(("corr-two", "base@3"), ((string)page["items"]![3]!["trace"]!, (string)page["items"]![0]!["policy"]!));
    }

    [Fact]
    public async Task OneEventIsFoundByItsIdOfOursAndOfTheSenders()
    {
        (int status, JsonNode mine) = await host.GetAsync("events/mine-0");
        Assert.Equal((200, 0L), (status, (long)mine["seq"]!));
        (_, JsonNode page) = await host.GetAsync("events?actor=bot");
        string id = (string)page["items"]![0]!["id"]!;
        (status, JsonNode ours) = await host.GetAsync("events/" + id);
        Assert.Equal((200, 1L), (status, (long)ours["seq"]!));
        Assert.Equal(404, (await host.GetAsync("events/mine-9")).Status);
        Assert.Equal(404, (await host.GetAsync("events/" + Guid.CreateVersion7())).Status);
        Assert.Equal(400, (await host.GetAsync("events/mine-0?x=1")).Status);
    }

    [Theory]
    [InlineData("a/b c")]
    [InlineData("100%2F")]
    [InlineData("q?x=1#y")]
    [InlineData("../up")]
    [InlineData("+&\"\\~")]
    public async Task IdsMayHoldAnyPrintableCharacter(string id)
    {
        await host.PostAsync(new JsonObject { ["id"] = id, ["actor"] = "a", ["action"] = "x", ["result"] = "info", ["trace"] = new JsonObject { ["session"] = id } }.ToJsonString());
        (int status, JsonNode e) = await host.GetAsync("events/" + Uri.EscapeDataString(id));
        Assert.Equal((200, id), (status, (string?)e["id"]));
        (status, JsonNode session) = await host.GetAsync("sessions/" + Uri.EscapeDataString(id));
        Assert.Equal((200, id), (status, (string?)session["session"]));
    }

    [Fact]
    public async Task AnotherTenantSeesNothingOfIt()
    {
        string other = await host.TenantAsync("other");
        Assert.Equal("", await host.SeqsAsync("", other));
        Assert.Equal(404, (await host.GetAsync("events/mine-0", other)).Status);
        (_, JsonNode page) = await host.GetAsync("events?actor=bot");
        Assert.Equal(404, (await host.GetAsync("events/" + page["items"]![0]!["id"], other)).Status);
    }

    [Fact]
    public async Task BoundKeysReadTheirOwnOnly()
    {
        string ann = await host.KeyAsync(Role.Auditor, user: "ann@acme.com");
        string web = await host.KeyAsync(Role.Auditor, project: "web");
        Assert.Equal("1 0", await host.SeqsAsync("", ann));
        Assert.Equal("", await host.SeqsAsync("user=bob@acme.com", ann));
        Assert.Equal("3", await host.SeqsAsync("", web));
        Assert.Equal(404, (await host.GetAsync("events/mine-0", web)).Status);
        Assert.Equal(200, (await host.GetAsync("events/mine-0", ann)).Status);
    }

    [Fact]
    public async Task AnalystsNeitherSeeNorNameContent()
    {
        string analyst = await host.KeyAsync(Role.Analyst);
        (_, JsonNode page) = await host.GetAsync("events?tool=Bash", analyst);
        JsonNode e = page["items"]![0]!;
        Assert.Equal("***", (string)e["tool"]!["command"]!);
        Assert.Equal("""{"prompt":"***","note":"visible Words"}""", e["details"]!["attributes"]!.ToJsonString());
        Assert.Equal("", await host.SeqsAsync("q=secrethost", analyst));
        Assert.Equal("", await host.SeqsAsync("q=hush", analyst));
        Assert.Equal("1", await host.SeqsAsync("q=visible", analyst));
        Assert.Equal("403 tool.command", await host.SeqsAsync("where=%7B%22tool.command%22%3A%22x%22%7D", analyst));
        Assert.Equal("403 details.attributes.prompt", await host.SeqsAsync("where=%7B%22target%7Cfieldref%22%3A%22details.attributes.prompt%22%7D", analyst));
        Assert.Equal("", await host.SeqsAsync("where=%5B%22secrethost%22%5D", analyst));
        Assert.Equal("1", await host.SeqsAsync("where=%5B%22secrethost%22%5D"));
        string id = (string)e["id"]!;
        Assert.DoesNotContain("secrethost", (await host.GetAsync("events/" + id, analyst)).Body.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(403, (await host.GetAsync("events", await host.KeyAsync(Role.Ingest))).Status);
        Assert.Equal(401, (await host.GetAsync("events", "mk_wrong")).Status);
    }

    [Fact]
    public async Task MinSeqWaitsForTheEvent()
    {
        Task<string> waiting = host.SeqsAsync("min_seq=4&limit=1");
        await host.PostAsync("""{"actor":"a","action":"late","result":"info"}""");
        Assert.Equal("4", await waiting);
    }
}
