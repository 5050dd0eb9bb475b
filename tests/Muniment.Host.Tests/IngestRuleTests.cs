using System.Net;
using System.Text;
using System.Text.Json;
using Muniment.Gateway.Access;

namespace Muniment.Host.Tests;

/// <summary>Policies on <c>event.ingest</c>: resource members are filled in and finds replaced, at every receiver, before anything is stored.</summary>
[Collection(nameof(RealHost))]
public sealed class IngestRuleTests(RealHost host)
{
    private readonly string _project = "in" + Guid.NewGuid().ToString("N")[..10];

    [Fact]
    public async Task Canonical_events_are_enriched_and_redacted()
    {
        string key = await SetUpAsync();
        await SendAsync(key, "/api/v1/events", """{"actor":"user:jane@acme.com","action":"tool.execute","result":"success","target":"mail","details":{"to":"joe.bloggs@acme.com","json":"{\"cc\":\"\\u006aoe.bloggs@acme.com\"}","n":7}}""");
        JsonElement e = await OneAsync("tool.execute");
        Assert.Equal(("payments", _project, "jane@acme.com"), (
            e.GetProperty("resource").GetProperty("team").GetString(), e.GetProperty("resource").GetProperty("project").GetString(), e.GetProperty("actor").GetProperty("id").GetString()));
        Assert.Equal(("[EMAIL]", """{"cc":"[EMAIL]"}""", 7), (
            e.GetProperty("details").GetProperty("to").GetString(), e.GetProperty("details").GetProperty("json").GetString(), e.GetProperty("details").GetProperty("n").GetInt32()));
    }

    [Fact]
    public async Task Otlp_records_are_enriched_and_redacted()
    {
        string key = await SetUpAsync();
        await SendAsync(key, "/v1/logs", """
            {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},"scopeLogs":[{"logRecords":[
              {"timeUnixNano":"1767225600000000000","eventName":"mail.sent","body":{"stringValue":"to joe.bloggs@acme.com"},
               "attributes":[{"key":"user.email","value":{"stringValue":"jane@acme.com"}},{"key":"cc","value":{"kvlistValue":{"values":[{"key":"a","value":{"stringValue":"joe.bloggs@acme.com"}}]}}}]},
              {"timeUnixNano":"1767225600000000000","eventName":"plain","body":{"stringValue":"nothing"}}]}]}]}
            """);
        JsonElement e = await OneAsync("mail.sent");
        Assert.Equal(("payments", "jane@acme.com"), (e.GetProperty("resource").GetProperty("team").GetString(), e.GetProperty("actor").GetProperty("user").GetString()));
        Assert.DoesNotContain("joe.bloggs", e.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("to [EMAIL]", e.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("payments", (await OneAsync("plain")).GetProperty("resource").GetProperty("team").GetString());
    }

    [Fact]
    public async Task A_repeated_request_is_still_known()
    {
        string key = await SetUpAsync();
        const string e = """{"actor":"user:jane@acme.com","action":"repeat.me","result":"success","details":{"to":"joe.bloggs@acme.com"}}""";
        await SendAsync(key, "/api/v1/events", e);
        await SendAsync(key, "/api/v1/events", e);
        await OneAsync("repeat.me");
    }

    private async Task<string> SetUpAsync()
    {
        string policy = $"scope: project:{_project}\nrules:\n  - {{ id: team, on: [event.ingest], when: {{}}, then: modify, set: {{ resource.team: payments }} }}\n"
            + "  - { id: mail, on: [event.ingest], detect: [email], then: redact }\n";
        await SendAsync(host.Key(Role.Admin), "/api/v1/policies/in-" + _project, policy, "PUT");
        return JsonElement.Parse(await SendAsync(host.Key(Role.Admin), "/api/v1/keys", $$"""{"role":"ingest","project":"{{_project}}"}""")).GetProperty("key").GetString()!;
    }

    private async Task<JsonElement> OneAsync(string action)
    {
        using HttpResponseMessage answer = await host.SendAsync("GET", $"/api/v1/events?project={_project}&action={action}", Role.Admin);
        return Assert.Single(JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("items").EnumerateArray());
    }

    private async Task<string> SendAsync(string key, string path, string body, string method = "POST")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("x-api-key", key);
        using HttpResponseMessage answer = await host.Http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.Accepted, $"{(int)answer.StatusCode} {text}");
        return text;
    }
}
