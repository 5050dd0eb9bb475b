using System.Net;
using System.Text;
using System.Text.Json;
using Muniment.Gateway.Access;

namespace Muniment.Host.Tests;

/// <summary>Policies and decisions through the real host. Each test has a project of its own, so that no policy of one covers another.</summary>
[Collection(nameof(RealHost))]
public sealed class DecideTests(RealHost host)
{
    private readonly string _project = "p" + Guid.NewGuid().ToString("N")[..10];

    [Fact]
    public async Task A_policy_has_versions_by_its_content()
    {
        string name = "versions-" + _project;
        string one = $"scope: project:{_project}\nrules:\n  - {{ id: a, on: [tool.call], when: {{ tool.name: shell }}, then: deny }}\n";
        JsonElement first = await Put(name, one);
        Assert.Equal((name, 1L), (first.GetProperty("name").GetString(), first.GetProperty("version").GetInt64()));
        Assert.StartsWith("sha256:", first.GetProperty("digest").GetString(), StringComparison.Ordinal);
        string asJson = $$"""{"rules":[{"then":"deny","id":"a","when":{"tool.name":"shell"},"on":["tool.call"]}],"scope":"project:{{_project}}"}""";
        Assert.Equal(first.GetRawText(), (await Put(name, asJson)).GetRawText()); // the same content, written otherwise
        JsonElement second = await Put(name, one.Replace("shell", "bash", StringComparison.Ordinal));
        Assert.Equal(2, second.GetProperty("version").GetInt64());
        JsonElement back = await Json("POST", $"/api/v1/policies/{name}/rollback", """{"version":1}""");
        Assert.Equal((3L, first.GetProperty("digest").GetString()), (back.GetProperty("version").GetInt64(), back.GetProperty("digest").GetString()));
        JsonElement head = await Json("GET", "/api/v1/policies/" + name);
        Assert.Equal((3L, one), (head.GetProperty("version").GetInt64(), head.GetProperty("source").GetString()));
        Assert.Equal("shell", head.GetProperty("document").GetProperty("rules")[0].GetProperty("when").GetProperty("tool.name").GetString());
        Assert.Equal([3, 2, 1], (await Json("GET", $"/api/v1/policies/{name}/versions")).GetProperty("items").EnumerateArray().Select(v => v.GetProperty("version").GetInt64()));
        JsonElement page = await Json("GET", $"/api/v1/policies/{name}/versions?limit=2");
        Assert.Equal([1], (await Json("GET", $"/api/v1/policies/{name}/versions?limit=2&cursor={page.GetProperty("next").GetString()}")).GetProperty("items").EnumerateArray().Select(v => v.GetProperty("version").GetInt64()));
        Assert.Equal("bash", (await Json("GET", $"/api/v1/policies/{name}/versions/2")).GetProperty("document").GetProperty("rules")[0].GetProperty("when").GetProperty("tool.name").GetString());
        await Refused(HttpStatusCode.NotFound, "GET", $"/api/v1/policies/{name}/versions/4");
        await Refused(HttpStatusCode.NotFound, "GET", "/api/v1/policies/never-made");
        await Refused(HttpStatusCode.NotFound, "POST", $"/api/v1/policies/{name}/rollback", """{"version":9}""");
        JsonElement[] acts = [.. (await Json("GET", $"/api/v1/events?stream=admin&target={name}&order=asc")).GetProperty("items").EnumerateArray()];
        Assert.Equal(["policy.update", "policy.update", "policy.rollback"], acts.Select(act => act.GetProperty("action").GetString()));
        Assert.Equal("shell", acts[1].GetProperty("details").GetProperty("before").GetProperty("document").GetProperty("rules")[0].GetProperty("when").GetProperty("tool.name").GetString());
        Assert.Equal(2, acts[1].GetProperty("details").GetProperty("after").GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task What_is_wrong_with_a_document_is_named_by_line_and_column()
    {
        JsonElement problem = await Refused(HttpStatusCode.BadRequest, "PUT", "/api/v1/policies/wrong", "scope: org\nrules:\n  - id: a\n    then: explode\n");
        Assert.Equal(4, problem.GetProperty("line").GetInt32());
        Assert.Contains("then", problem.GetProperty("field").GetString(), StringComparison.Ordinal);
        Assert.Contains("line 4", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        problem = await Refused(HttpStatusCode.BadRequest, "PUT", "/api/v1/policies/wrong", "rules:\n  - { id: a, on: [tool.call], detect: [no_such_detector], then: redact }\n");
        Assert.Contains("no_such_detector", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await Refused(HttpStatusCode.BadRequest, "PUT", "/api/v1/policies/.wrong", "rules: []");
    }

    [Fact]
    public async Task A_lock_refuses_what_is_looser_below_and_names_the_rule()
    {
        await Put("upper-" + _project, $"scope: project:{_project}\nlock: true\nlimits:\n  - {{ id: daily, per: user, calls: 100, window: 1d, then: deny }}\n");
        JsonElement problem = await Refused(
            HttpStatusCode.Conflict, "PUT", "/api/v1/policies/lower-" + _project, $"scope: user:{_project}@x\nlimits:\n  - {{ id: daily, per: user, calls: 200, window: 1d, then: deny }}\n");
        Assert.Equal("daily", problem.GetProperty("field").GetString());
    }

    [Fact]
    public async Task A_denied_call_says_which_rule_and_is_recorded_before_it_is_answered()
    {
        string policy = "deny-" + _project;
        await Put(policy, $"scope: project:{_project}\nrules:\n  - {{ id: noshell, on: [tool.call], when: {{ tool.name: shell }}, then: deny, reason: no shells here }}\n");
        string key = await Key("agent");
        JsonElement answer = await Decide(key, """{"action":"tool.call","target":"laptop","tool":{"name":"shell","args":{"x":"the secret word"}},"content":"please run it","session":"s1","correlation":"c1"}""");
        Assert.Equal(("denied", "no shells here", policy, 1, "noshell"), (
            answer.GetProperty("result").GetString(), answer.GetProperty("reason").GetString(), answer.GetProperty("policy").GetProperty("id").GetString(),
            answer.GetProperty("policy").GetProperty("version").GetInt32(), answer.GetProperty("policy").GetProperty("rule").GetString()));
        JsonElement e = await Only(answer);
        Assert.Equal(("decision", "tool.call", "denied", "laptop", "decide"), (
            e.GetProperty("stream").GetString(), e.GetProperty("action").GetString(), e.GetProperty("result").GetString(), e.GetProperty("target").GetString(),
            e.GetProperty("source").GetProperty("receiver").GetString()));
        Assert.Equal(("request", "enforced"), (e.GetProperty("decision").GetProperty("phase").GetString(), e.GetProperty("decision").GetProperty("outcome").GetString()));
        Assert.Equal(("s1", "c1", _project), (e.GetProperty("trace").GetProperty("session").GetString(), e.GetProperty("trace").GetProperty("correlation").GetString(), e.GetProperty("resource").GetProperty("project").GetString()));
        Assert.StartsWith("sha256:", e.GetProperty("policy").GetProperty("digest").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret word", e.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("please run it", e.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("allowed", (await Decide(key, """{"action":"tool.call","tool":{"name":"editor"}}""")).GetProperty("result").GetString());
    }

    [Fact]
    public async Task What_a_rule_redacts_comes_back_redacted_and_is_counted()
    {
        await Put("redact-" + _project, $"scope: project:{_project}\nevidence: none\nrules:\n  - {{ id: pii, on: [tool.call], detect: [email, credit_card], then: redact }}\n");
        JsonElement answer = await Decide(await Key("agent"), """{"action":"tool.call","tool":{"name":"mail","args":{"to":"jane.roe@acme.com","n":3}},"content":["write to jane.roe@acme.com",{"and":"nothing"}]}""");
        Assert.Equal("redacted", answer.GetProperty("result").GetString());
        Assert.Equal("""["write to [EMAIL]",{"and":"nothing"}]""", answer.GetProperty("content").GetRawText());
        Assert.Equal("""{"to":"[EMAIL]","n":3}""", answer.GetProperty("tool").GetProperty("args").GetRawText());
        JsonElement decision = (await Only(answer)).GetProperty("decision");
        Assert.Equal("""{"CREDIT_CARD":0,"EMAIL":2}""", decision.GetProperty("detectors").GetRawText());
        Assert.Equal(["text_masked"], decision.GetProperty("effects").EnumerateArray().Select(effect => effect.GetString()));
        Assert.Equal(["/content/0", "/tool/args/to"], decision.GetProperty("fields").EnumerateArray().Select(field => field.GetProperty("pointer").GetString()));
        Assert.True(decision.GetProperty("coverage").GetProperty("scanned_bytes").GetInt64() > 30);
    }

    [Fact]
    public async Task Evidence_is_kept_when_a_policy_says_so_and_masked_for_analysts()
    {
        await Put("evidence-" + _project, $"scope: project:{_project}\nevidence: all\n");
        JsonElement answer = await Decide(await Key("agent"), """{"action":"tool.call","content":"the very words"}""");
        Assert.Contains("the very words", (await Only(answer)).GetRawText(), StringComparison.Ordinal);
        string seen = await Text("GET", "/api/v1/events?decision=" + answer.GetProperty("decision_id").GetString(), Role.Analyst);
        Assert.DoesNotContain("the very words", seen, StringComparison.Ordinal);
        Assert.Contains("***", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_a_rule_wants_approved_passes_once_after_another_key_said_so()
    {
        await Put("ask-" + _project, $"scope: project:{_project}\nrules:\n  - {{ id: prod, on: [command.execute], when: {{ target: prod }}, then: ask }}\n");
        string key = await Key("agent"), admin = await Key("admin", bound: false);
        const string call = """{"action":"command.execute","target":"prod","tool":{"name":"bash","command":"kubectl get pods"}}""";
        JsonElement asked = await Decide(key, call);
        Assert.Equal(("denied", "approval_required", "required"), (asked.GetProperty("result").GetString(), asked.GetProperty("reason").GetString(), asked.GetProperty("approval").GetProperty("state").GetString()));
        string id = asked.GetProperty("approval").GetProperty("id").GetString()!;
        Assert.Equal(id, (await Decide(key, call)).GetProperty("approval").GetProperty("id").GetString()); // still the same
        Assert.Contains(id, await Text("GET", "/api/v1/approvals", Role.Admin), StringComparison.Ordinal);
        JsonElement word = await Json("POST", "/api/v1/approvals/" + id, """{"verdict":"approve"}""", admin);
        Assert.Equal("approved", word.GetProperty("state").GetString());
        Assert.Equal("denied", (await Decide(key, call.Replace("kubectl get", "kubectl delete", StringComparison.Ordinal))).GetProperty("result").GetString()); // another content
        Assert.Equal("denied", (await Decide(await Key("agent"), call)).GetProperty("result").GetString()); // another key
        JsonElement passed = await Decide(key, call);
        Assert.Equal(("allowed", "approved"), (passed.GetProperty("result").GetString(), passed.GetProperty("approval").GetProperty("state").GetString()));
        Assert.Equal(id, (await Only(passed)).GetProperty("approval").GetProperty("request").GetString());
        Assert.Equal("denied", (await Decide(key, call)).GetProperty("result").GetString()); // once
        await Refused(HttpStatusCode.NotFound, "POST", "/api/v1/approvals/none", """{"verdict":"approve"}""");
        await Refused(HttpStatusCode.BadRequest, "POST", "/api/v1/approvals/none", """{"verdict":"perhaps"}""");
        Assert.Contains("approval.approve", await Text("GET", $"/api/v1/events?stream=admin&target={id}", Role.Admin), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_asks_cannot_approve()
    {
        string admin = await Key("admin");
        await Put("own-" + _project, $"scope: project:{_project}\nrules:\n  - {{ id: mine, on: [tool.call], when: {{ target: {_project} }}, then: ask }}\n");
        JsonElement asked = await Decide(admin, $$"""{"action":"tool.call","target":"{{_project}}"}""");
        string id = asked.GetProperty("approval").GetProperty("id").GetString()!;
        await Refused(HttpStatusCode.Forbidden, "POST", "/api/v1/approvals/" + id, """{"verdict":"approve"}""", admin);
        JsonElement word = await Json("POST", "/api/v1/approvals/" + id, """{"verdict":"reject"}""");
        Assert.Equal("rejected", word.GetProperty("state").GetString());
        await Refused(HttpStatusCode.Conflict, "POST", "/api/v1/approvals/" + id, """{"verdict":"approve"}""");
        Assert.Equal("approval_rejected", (await Decide(admin, $$"""{"action":"tool.call","target":"{{_project}}"}""")).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Fifty_of_two_hundred_concurrent_calls_pass_on_a_limit_of_fifty()
    {
        await Put("limit-" + _project, $"scope: project:{_project}\nlimits:\n  - {{ id: burst, per: key, calls: 50, window: 1d, then: deny }}\n");
        string key = await Key("agent");
        JsonElement[] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Decide(key, """{"action":"tool.call"}""")));
        Assert.Equal(50, answers.Count(answer => answer.GetProperty("result").GetString() == "allowed"));
        JsonElement denied = answers.First(answer => answer.GetProperty("result").GetString() == "denied");
        Assert.Equal("burst", denied.GetProperty("policy").GetProperty("rule").GetString());
        JsonElement counted = await Json("GET", $"/api/v1/events?stream=decision&result=allowed&project={_project}&limit=1000");
        Assert.Equal(50, counted.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_policy_in_shadow_changes_nothing_and_is_recorded()
    {
        await Put("shadow-" + _project, $"scope: project:{_project}\nmode: shadow\nrules:\n  - {{ id: all, on: [tool.call], then: deny }}\n");
        JsonElement answer = await Decide(await Key("agent"), """{"action":"tool.call"}""");
        Assert.Equal("allowed", answer.GetProperty("result").GetString());
        JsonElement decision = (await Only(answer)).GetProperty("decision");
        Assert.Equal("shadow", decision.GetProperty("outcome").GetString());
        Assert.Equal(("shadow-" + _project, "denied"), (decision.GetProperty("shadow")[0].GetProperty("policy").GetString(), decision.GetProperty("shadow")[0].GetProperty("result").GetString()));
    }

    [Fact]
    public async Task The_key_says_who_asks_and_the_body_only_with_act_as()
    {
        string plain = await Key("agent"), acting = await Key("agent", actAs: true);
        const string call = """{"action":"tool.call","actor":"user:jane@acme.com"}""";
        JsonElement e = await Only(await Decide(plain, call));
        Assert.Equal("key", e.GetProperty("actor").GetProperty("type").GetString());
        Assert.Equal("jane@acme.com", e.GetProperty("details").GetProperty("claimed").GetProperty("user").GetString());
        e = await Only(await Decide(acting, call));
        Assert.Equal(("user", "jane@acme.com"), (e.GetProperty("actor").GetProperty("type").GetString(), e.GetProperty("actor").GetProperty("id").GetString()));
        string bound = await Key("agent", actAs: true, user: "bob@acme.com");
        e = await Only(await Decide(bound, call));
        Assert.Equal("bob@acme.com", e.GetProperty("actor").GetProperty("id").GetString());
        Assert.Equal("jane@acme.com", e.GetProperty("details").GetProperty("claimed").GetProperty("user").GetString());
        e = await Only(await Decide(plain, """{"action":"tool.call","project":"other"}"""));
        Assert.Equal((_project, "other"), (e.GetProperty("resource").GetProperty("project").GetString(), e.GetProperty("details").GetProperty("claimed").GetProperty("project").GetString()));
    }

    [Theory]
    [InlineData("""{"content":"x"}""", "action")]
    [InlineData("""{"action":"go"}""", "action")]
    [InlineData("""{"action":"model.respond"}""", "action")]
    [InlineData("""{"action":"tool.call","tool":"shell"}""", "tool")]
    [InlineData("""{"action":"tool.call","tool":{"nam":"shell"}}""", "tool.nam")]
    [InlineData("""{"action":"tool.call","actor":{"id":"x","type":"robot"}}""", "actor.type")]
    [InlineData("""{"action":"tool.call","sesion":"x"}""", "sesion")]
    public async Task What_is_wrong_with_a_call_is_named(string body, string field)
    {
        JsonElement problem = await Refused(HttpStatusCode.BadRequest, "POST", "/api/v1/decide", body);
        Assert.Equal(field, problem.GetProperty("field").GetString());
    }

    private async Task<JsonElement> Put(string name, string document)
    {
        using HttpResponseMessage answer = await Send("PUT", "/api/v1/policies/" + name, document, host.Key(Role.Admin));
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode is HttpStatusCode.OK, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private async Task<JsonElement> Decide(string key, string body) => await Json("POST", "/api/v1/decide", body, key);

    private async Task<JsonElement> Only(JsonElement answer)
    {
        JsonElement list = await Json("GET", "/api/v1/events?decision=" + answer.GetProperty("decision_id").GetString());
        return Assert.Single(list.GetProperty("items").EnumerateArray());
    }

    private async Task<string> Key(string role, bool bound = true, bool actAs = false, string? user = null)
    {
        var wanted = new Dictionary<string, object> { ["role"] = role, ["act_as"] = actAs };
        if (bound)
        {
            wanted["project"] = _project;
        }

        if (user is not null)
        {
            wanted["user"] = user;
        }

        using HttpResponseMessage answer = await Send("POST", "/api/v1/keys", JsonSerializer.Serialize(wanted), host.Key(Role.Admin));
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("key").GetString()!;
    }

    private async Task<JsonElement> Json(string method, string path, string? body = null, string? key = null)
    {
        using HttpResponseMessage answer = await Send(method, path, body, key ?? host.Key(Role.Admin));
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private async Task<string> Text(string method, string path, Role role)
    {
        using HttpResponseMessage answer = await host.SendAsync(method, path, role);
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task<JsonElement> Refused(HttpStatusCode status, string method, string path, string? body = null, string? key = null)
    {
        using HttpResponseMessage answer = await Send(method, path, body, key ?? host.Key(Role.Admin));
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private async Task<HttpResponseMessage> Send(string method, string path, string? body, string key)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/yaml") };
        request.Headers.TryAddWithoutValidation("x-api-key", key);
        return await host.Http.SendAsync(request);
    }
}
