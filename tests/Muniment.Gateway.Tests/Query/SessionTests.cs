using System.Text.Json.Nodes;
using Muniment.Gateway.Access;

namespace Muniment.Gateway.Tests.Query;

public sealed class SessionTests : IAsyncLifetime
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    private const string Events = """
        {"actor":{"id":"bot","type":"agent","user":"ann"},"agent":{"kind":"codex"},"action":"prompt","result":"info","ts":"2026-11-21T10:00:00Z","trace":{"session":"s1","turn":"t1","trace_id":"0af7651916cd43dd8448eb211c80319c"},"usage":{"input":10,"output":2,"cost":{"amount":"0.10","unit":"USD","source":"reported"}},"resource":{"ticket":"T-1","project":"pay"},"details":{"attributes":{"event.sequence":1}}}
        {"actor":{"id":"bot","type":"agent","user":"ann"},"action":"tool.call","result":"denied","risk":"low","ts":"2026-11-21T10:00:05Z","trace":{"session":"s1","turn":"t1"},"tool":{"name":"Bash","call":"c1"},"resource":{"project":"pay"},"details":{"attributes":{"event.sequence":2}}}
        {"actor":{"id":"bot","type":"agent","user":"ann"},"action":"tool.call","result":"success","risk":"critical","ts":"2026-11-21T10:00:09Z","trace":{"session":"s1","turn":"t2"},"tool":{"name":"Bash","call":"c1"},"usage":{"input":5,"cost":{"amount":"0.05","unit":"USD","source":"computed"}},"resource":{"project":"pay"},"details":{"attributes":{"event.sequence":5}}}
        {"actor":"user:bob","action":"prompt","result":"info","ts":"2026-11-21T10:00:03Z","trace":{"session":"s2"}}
        {"actor":"ci","action":"build.finished","result":"success","ts":"2026-11-21T10:00:04Z","resource":{"ticket":"T-1"}}
        """;

    private QueryHost host = null!;

    public async Task InitializeAsync()
    {
        host = await QueryHost.OpenAsync();
        await host.PostAsync(Events);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task ASessionIsItsEventsFolded()
    {
        (int status, JsonNode session) = await host.GetAsync("sessions/s1");
        Assert.Equal(200, status);
        Assert.Equal([0L, 1L, 2L], session["timeline"]!.AsArray().Select(e => (long)e!["seq"]!));
        session.AsObject().Remove("timeline");
        Assert.Equal(
            """{"session":"s1","agent":"codex","user":"ann","project":"pay","started":"2026-11-21T10:00:00.000000000Z","ended":"2026-11-21T10:00:09.000000000Z","turns":2,"tool_calls":1,"denied":1,"usage":{"input":15,"cache_read":0,"cache_write":0,"output":2,"reasoning":0,"cost":{"amount":"0.15","unit":"USD","source":"computed"}},"risk_max":"critical","events":3,"gaps":2,"complete":true}""",
            session.ToJsonString());
        Assert.Equal(404, (await host.GetAsync("sessions/none")).Status);
    }

    [Fact]
    public async Task ASummaryThatHadTooLittleTimeSaysSo()
    {
        await using QueryHost hurried = await QueryHost.OpenAsync(new() { MaxFollowMs = 0 });
        const string Event = """{"actor":"user:ann","action":"prompt","result":"info","trace":{"session":"s"}}""";
        await hurried.PostAsync(Event.Replace("prompt", "first"));
        await hurried.PostAsync(Event);
        (int status, JsonNode session) = await hurried.GetAsync("sessions/s");

        Assert.Equal((200, 1L, 2, false), (status, (long)session["events"]!, session["timeline"]!.AsArray().Count, (bool)session["complete"]!));
        await hurried.GetAsync("sessions");
        await hurried.GetAsync("sessions"); // folds them
        Assert.True((bool)(await hurried.GetAsync("sessions/s")).Body["complete"]!);
    }

    [Fact]
    public async Task SessionsAreListedNewestFirstAndKeepUp()
    {
        (_, JsonNode first) = await host.GetAsync("sessions");
        Assert.Equal(["s2", "s1"], Names(first));
        Assert.Equal((0L, (string?)null), ((long)first["folded_from"]!, (string?)first["next"]));
        await host.PostAsync("""{"actor":"x","action":"y","result":"info","trace":{"session":"s1"}}""");
        (_, JsonNode second) = await host.GetAsync("sessions?limit=1");
        Assert.Equal(["s1"], Names(second));
        Assert.Equal(4L, (long)second["items"]![0]!["events"]!);
        (_, JsonNode third) = await host.GetAsync("sessions?limit=1&cursor=" + second["next"]);
        Assert.Equal(["s2"], Names(third));
        Assert.Equal(["s1"], Names((await host.GetAsync("sessions?user=ann")).Body));
        Assert.Equal(["s2"], Names((await host.GetAsync("sessions", await host.KeyAsync(Role.Auditor, user: "bob"))).Body));
        Assert.Equal("limit", (string)(await host.GetAsync("sessions?limit=x")).Body["field"]!);
        Assert.Equal("foo", (string)(await host.GetAsync("sessions?foo=x")).Body["field"]!);
    }

    [Fact]
    public async Task ABoundKeySeesNothingOfOthersInASessionTheyShare()
    {
        const string Event = """{"actor":{"id":"bot","type":"agent","user":"USER"},"action":"prompt","result":"RESULT","risk":"RISK","ts":"2026-11-21T10:00:00Z","trace":{"session":"SESSION","turn":"t"},"usage":{"input":N},"resource":{"project":"PROJECT"}}""";
        static string Of(string session, string user, string project, int input) =>
            Event.Replace("SESSION", session).Replace("USER", user).Replace("PROJECT", project).Replace("N}", input + "}").Replace("RESULT", user == "cat" ? "success" : "denied").Replace("RISK", user == "cat" ? "low" : "critical");

        await host.PostAsync(string.Join('\n', Of("1", "cat", "pay", 1), Of("1", "dan", "pay", 10), Of("1", "cat", "web", 100), Of("2", "cat", "pay", 1000), Of("2", "cat", "web", 10_000), Of("3", "dan", "web", 100_000)));
        string cat = await host.KeyAsync(Role.Auditor, user: "cat"), catPays = await host.KeyAsync(Role.Auditor, "cat", "pay"), pay = await host.KeyAsync(Role.Auditor, project: "pay");
        for (int round = 0; round < 2; round++) // once from events that no step has folded, once from rows
        {
            await OneSeesAsync(host.Admin, "1", "cat 3 111 1 critical");
            await OneSeesAsync(cat, "1", "cat 2 101 0 low");
            await OneSeesAsync(catPays, "1", "cat 1 1 0 low");
            await OneSeesAsync(pay, "1", "cat 2 11 1 critical");
            await OneSeesAsync(cat, "2", "cat 2 11000 0 low");
            await OneSeesAsync(catPays, "2", "cat 1 1000 0 low");
            Assert.Equal(404, (await host.GetAsync("sessions/3", cat)).Status);

            // A list holds a session only where the whole of it may be seen.
            Assert.Equal(["3", "2", "1", "s2", "s1"], Names((await host.GetAsync("sessions")).Body));
            Assert.Equal(["2"], Names((await host.GetAsync("sessions", cat)).Body));
            Assert.Empty(Names((await host.GetAsync("sessions", catPays)).Body));
            Assert.Equal(["s1"], Names((await host.GetAsync("sessions", pay)).Body));
            Assert.Empty(Names((await host.GetAsync("sessions?user=dan", cat)).Body));
        }

        async Task OneSeesAsync(string key, string session, string expected)
        {
            JsonNode one = (await host.GetAsync("sessions/" + session, key)).Body;
            JsonNode merged = Assert.Single((await host.GetAsync("timeline?session=" + session, key)).Body["items"]!.AsArray(), i => (string)i!["kind"]! == "session")!["session"]!;
            Assert.Equal((int)one["events"]!, one["timeline"]!.AsArray().Count);
            foreach (JsonNode summary in new[] { one, merged })
            {
                Assert.Equal(expected, $"{summary["user"]} {summary["events"]} {summary["usage"]!["input"]} {summary["denied"]} {summary["risk_max"]}");
            }
        }
    }

    private static string[] Names(JsonNode page) => [.. page["items"]!.AsArray().Select(s => (string)s!["session"]!)];

    [Fact]
    public async Task ATraceGivesItsSpansAndEvents()
    {
        const string Spans = """
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},"scopeSpans":[{"spans":[
            {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","parentSpanId":"00f067aa0ba902b7","name":"child","startTimeUnixNano":"1795255341000000000","endTimeUnixNano":"1795255342000000000","status":{"code":2}},
            {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00f067aa0ba902b7","name":"root","startTimeUnixNano":"1795255340000000000","endTimeUnixNano":"1795255343000000000"}]}]}]}
            """;
        using HttpResponseMessage posted = await host.SendAsync(HttpMethod.Post, "/v1/traces", content: new StringContent(Spans, System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(200, (int)posted.StatusCode);
        (int status, JsonNode trace) = await host.GetAsync("traces/" + Trace.ToUpperInvariant());
        Assert.Equal(200, status);
        Assert.Equal(
            """[{"span_id":"00f067aa0ba902b7","parent":null,"name":"root","service":"svc","start":"2026-11-21T10:02:20.000000000Z","end":"2026-11-21T10:02:23.000000000Z","status":"unset"},{"span_id":"b7ad6b7169203331","parent":"00f067aa0ba902b7","name":"child","service":"svc","start":"2026-11-21T10:02:21.000000000Z","end":"2026-11-21T10:02:22.000000000Z","status":"error"}]""",
            trace["spans"]!.ToJsonString());
        Assert.Equal(0L, (long)trace["events"]!.AsArray().Single()!["seq"]!);
        Assert.Equal(404, (await host.GetAsync("traces/" + new string('a', 32))).Status);
        Assert.Equal(400, (await host.GetAsync("traces/abc")).Status);
        Assert.Equal("6 5 0", await host.SeqsAsync("trace=" + Trace));
        Assert.Equal("6 5", await host.SeqsAsync("signal=span"));
    }

    [Theory]
    [InlineData("ticket=T-1", "session:s1 marker:4")]
    [InlineData("session=s2", "session:s2")]
    [InlineData("from=2026-11-21T10:00:00Z&to=2026-11-21T10:00:05Z", "session:s1 session:s2 marker:4")]
    [InlineData("trace=0af7651916cd43dd8448eb211c80319c", "session:s1")]
    [InlineData("incident=none", "")]
    public async Task ATimelineMergesSessionsAndMarkers(string query, string expected)
    {
        (int status, JsonNode body) = await host.GetAsync("timeline?" + query);
        Assert.Equal(200, status);
        Assert.Equal(expected, string.Join(' ', body["items"]!.AsArray().Select(i => $"{i!["kind"]}:{i["session"]?["session"] ?? i["event"]!["seq"]}")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task ATimelineGoesOnByItsCursor(int limit)
    {
        const string Query = "timeline?from=2026-11-21T10:00:00Z&to=2026-11-21T10:00:05Z";
        string whole = string.Join(' ', (await host.GetAsync(Query)).Body["items"]!.AsArray().Select(i => i!.ToJsonString()));
        var pages = new List<string>();
        string? cursor = null;
        do
        {
            (int status, JsonNode body) = await host.GetAsync($"{Query}&limit={limit}{(cursor is null ? "" : "&cursor=" + cursor)}");
            Assert.Equal(200, status);
            Assert.InRange(body["items"]!.AsArray().Count, 1, limit);
            pages.AddRange(body["items"]!.AsArray().Select(i => i!.ToJsonString()));
            cursor = (string?)body["next"];
        }
        while (cursor is not null);
        Assert.Equal(whole, string.Join(' ', pages));
    }

    [Fact]
    public void PagesOfATimelineSplitEqualTimesToo()
    {
        long[] times = [1, 5, 5, 5, 5, 9];
        for (int limit = 1; limit <= times.Length + 1; limit++)
        {
            var seen = new List<int>();
            Muniment.Gateway.Query.TimelineCursor? after = null;
            do
            {
                (int from, int to, after) = Muniment.Gateway.Query.TimelineCursor.Page(times, after, limit);
                seen.AddRange(Enumerable.Range(from, to - from));
            }
            while (after is not null);
            Assert.Equal(Enumerable.Range(0, times.Length), seen);
        }
    }

    [Theory]
    [InlineData("session=s1&limit=0", "limit")]
    [InlineData("session=s1&cursor=AAAA", "cursor")]
    [InlineData("", "ticket")]
    [InlineData("from=2026-11-21T10:00:00Z", "ticket")]
    [InlineData("from=x&to=y", "from")]
    [InlineData("nope=1", "nope")]
    public async Task ATimelineNamesWhatItNeeds(string query, string field) => Assert.Equal(field, (string)(await host.GetAsync("timeline?" + query)).Body["field"]!);
}
