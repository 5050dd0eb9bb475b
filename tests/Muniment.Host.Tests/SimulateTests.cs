using System.Net;
using System.Text;
using System.Text.Json;
using Muniment.Gateway.Access;

namespace Muniment.Host.Tests;

/// <summary>Other policies over decisions that were really made.</summary>
[Collection(nameof(RealHost))]
public sealed class SimulateTests(RealHost host)
{
    private readonly string _project = "sim" + Guid.NewGuid().ToString("N")[..10];

    [Fact]
    public async Task Recorded_decisions_are_decided_again()
    {
        string since = DateTimeOffset.UtcNow.ToString("o"); // the decisions of tests before this one are none of its
        string key = (await JsonAsync("POST", "/api/v1/keys", $$"""{"role":"agent","project":"{{_project}}"}""")).GetProperty("key").GetString()!;
        foreach (string call in new[] { """{"action":"tool.call","tool":{"name":"shell"}}""", """{"action":"tool.call","tool":{"name":"shell"},"content":"hello"}""", """{"action":"tool.call","tool":{"name":"editor"}}""" })
        {
            await JsonAsync("POST", "/api/v1/decide", call, key);
        }

        string document = $$"""{"scope":"project:{{_project}}","rules":[{"id":"noshell","on":["tool.call"],"when":{"tool.name":"shell"},"then":"deny"}]}""";
        JsonElement result = await JsonAsync("POST", "/api/v1/policies/simulate", $$"""{"policy":{{document}},"since":"{{since}}"}""");
        Assert.True(result.GetProperty("changed").GetInt32() == 2, result.GetRawText());
        JsonElement transition = Assert.Single(result.GetProperty("transitions").EnumerateArray());
        Assert.Equal(("allowed", "denied", 2), (transition.GetProperty("from").GetString(), transition.GetProperty("to").GetString(), transition.GetProperty("count").GetInt32()));
        Assert.Equal(["noshell", "noshell"], result.GetProperty("examples").EnumerateArray().Select(example => example.GetProperty("rule").GetString()));
        Assert.True(result.GetProperty("evaluated").GetInt32() >= 3);
        Assert.True(result.GetProperty("complete").GetBoolean());

        // What was not kept makes it undecidable, not unchanged.
        string looks = $$"""{"scope":"project:{{_project}}","rules":[{"id":"words","on":["tool.call"],"when":{"content|contains":"hello"},"then":"deny"}]}""";
        result = await JsonAsync("POST", "/api/v1/policies/simulate", $$"""{"policy":{{looks}},"since":"{{since}}"}""");
        Assert.Equal((0, 1), (result.GetProperty("changed").GetInt32(), result.GetProperty("undecidable").GetProperty("count").GetInt32()));
        Assert.Equal(1, result.GetProperty("undecidable").GetProperty("by_rule").GetProperty("words").GetInt32());

        // A version by its name, and YAML.
        await JsonAsync("PUT", "/api/v1/policies/" + _project, document);
        result = await JsonAsync("POST", "/api/v1/policies/simulate", $$"""{"policy":"{{_project}}@1","since":"{{since}}"}""");
        Assert.Equal(2, result.GetProperty("changed").GetInt32());
        result = await JsonAsync("POST", "/api/v1/policies/simulate", JsonSerializer.Serialize(new { policy = $"scope: project:{_project}\ndefault: deny\n", name = _project, since }));
        Assert.Equal(3, result.GetProperty("changed").GetInt32());
    }

    [Theory]
    [InlineData("""{}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"policy":"never-made@1"}""", HttpStatusCode.NotFound)]
    [InlineData("""{"policy":"rules:\n  - { id: a, then: explode }"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"policy":{"rules":[]},"since":"yesterday"}""", HttpStatusCode.BadRequest)]
    public async Task What_is_wrong_is_refused(string body, HttpStatusCode status)
    {
        using HttpResponseMessage answer = await host.SendAsync("POST", "/api/v1/policies/simulate", Role.Auditor, body);
        Assert.Equal(status, answer.StatusCode);
    }

    private async Task<JsonElement> JsonAsync(string method, string path, string body, string? key = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("x-api-key", key ?? host.Key(Role.Admin));
        using HttpResponseMessage answer = await host.Http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return JsonElement.Parse(text);
    }
}
