using System.Net;
using System.Text;
using Muniment.Events.Canonical;
using Muniment.Testing.Upstreams;

namespace Muniment.Gateway.Tests.Llm;

/// <summary>Limits in dollars: what a priced model reserves and uses, what an upstream reports, and what is said where nobody knows.</summary>
[Collection(nameof(LlmDoor))]
public sealed class DollarTests(LlmDoor door)
{
    private const string Call = """{"model":"MODEL","max_tokens":100,"messages":[{"role":"user","content":"x"}]}""";

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    public async Task A_priced_call_reserves_its_dearest_and_uses_what_it_used(string api)
    {
        string id = await LimitAsync("0.01");
        int passed = 0;
        HttpResponseMessage response;
        while ((response = await door.PostAsync(Calls.Path(api), Call.Replace("MODEL", "priced-1", StringComparison.Ordinal))).IsSuccessStatusCode)
        {
            await response.Content.ReadAsStringAsync();
            CanonicalEvent respond = door.Events(LlmDoor.DecisionOf(response))[1];
            Assert.Equal(("0.00106", "USD", "computed"), (respond.Usage!.Cost!.Amount, respond.Usage.Cost.Unit, respond.Usage.Cost.Source)); // 40 at 10, 60 of the cache at 1, 20 at 30
            Assert.Contains("\"used\":1060", Encoding.UTF8.GetString(respond.Details.Span));
            passed++;
            response.Dispose();
        }

        // 3,270 to 3,500 millionths are reserved for each, 1,060 used.
        Assert.Equal((HttpStatusCode.TooManyRequests, 7), (response.StatusCode, passed));
        Assert.Equal(id, Assert.Single(door.Events(LlmDoor.DecisionOf(response))).Policy!.Rule);
        response.Dispose();
    }

    [Fact]
    public async Task What_the_upstream_reports_stands_before_the_list()
    {
        await LimitAsync("0.01");
        door.Upstream.Intercept = async (context, _) =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync("""{"id":"c","model":"priced-1","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"cost":0.02}}"""u8.ToArray());
            return true;
        };
        using HttpResponseMessage first = await door.PostAsync(Calls.Path("chat"), Call.Replace("MODEL", "priced-1", StringComparison.Ordinal));
        Assert.True(first.IsSuccessStatusCode);
        Assert.Equal("reported", door.Events(LlmDoor.DecisionOf(first))[1].Usage!.Cost!.Source);
        using HttpResponseMessage second = await door.PostAsync(Calls.Path("chat"), Call.Replace("MODEL", "priced-1", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
    }

    [Fact]
    public async Task A_model_without_a_price_counts_nothing_and_the_record_says_that_it_was_unknown()
    {
        await LimitAsync("0.000001");
        using HttpResponseMessage response = await door.PostAsync(Calls.Path("chat"), Call.Replace("MODEL", "nobody-knows", StringComparison.Ordinal));
        Assert.True(response.IsSuccessStatusCode);
        Assert.Contains("\"reserved\":0,\"price\":\"unknown\"", Encoding.UTF8.GetString(door.Events(LlmDoor.DecisionOf(response))[0].Details.Span));
        Assert.Null(door.Events(LlmDoor.DecisionOf(response))[1].Usage!.Cost);
    }

    private async Task<string> LimitAsync(string usd)
    {
        string id = "m" + Guid.NewGuid().ToString("N")[..8];
        await door.SetAsync($"rules: []\nlimits: [{{ id: {id}, per: key, usd: {usd}, window: 1d, then: deny }}]", new FakeAnswer());
        return id;
    }
}
