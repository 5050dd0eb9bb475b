using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Muniment.Gateway.Access;

namespace Muniment.Host.Tests;

/// <summary>A parameter that nobody knows is 400 and is named, on every route but those whose protocol's clients send what they like.</summary>
[Collection(nameof(RealHost))]
public sealed class ParameterTests(RealHost host)
{
    [Fact]
    public async Task Every_route_refuses_a_parameter_that_it_does_not_know()
    {
        var wrong = new List<string>();
        foreach (RouteEndpoint route in host.Routes.Where(route => !IsForeign(route)))
        {
            using HttpResponseMessage answer = await host.SendAsync(RouteNames.Method(route), RouteNames.Path(route) + "?surprise=1", Role.SuperAdmin, RouteNames.Method(route) is "GET" or "DELETE" ? null : "{}");
            string body = await answer.Content.ReadAsStringAsync();
            if (answer.StatusCode is not HttpStatusCode.BadRequest || JsonDocument.Parse(body).RootElement.GetProperty("field").GetString() != "surprise")
            {
                wrong.Add($"{RouteNames.Name(route)}: {(int)answer.StatusCode} {body}");
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("/services/collector/raw?channel=18654C68-B5DF-4A1D-9C2B-1B4F0A5C4B5A&auto=true&index=main&source=s&sourcetype=t&host=h&time=1767225600", "a line")]
    [InlineData("/services/collector/event?auto_extract_timestamp=true", """{"event":"x"}""")]
    [InlineData("/v1/logs?tenant=x", """{"resourceLogs":[]}""")]
    public async Task Receivers_of_other_protocols_take_what_their_clients_send(string path, string body)
    {
        using HttpResponseMessage answer = await host.SendAsync("POST", path, Role.Ingest, body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_refused_request_changes_nothing()
    {
        using HttpResponseMessage made = await host.SendAsync("POST", "/api/v1/destinations?dry_run=true", Role.Admin, """{"id":"dry","kind":"file","endpoint":"dry","streams":["activity"]}""");
        Assert.Equal(HttpStatusCode.BadRequest, made.StatusCode);
        using HttpResponseMessage found = await host.SendAsync("GET", "/api/v1/destinations/dry");
        Assert.Equal(HttpStatusCode.NotFound, found.StatusCode);
    }

    private static bool IsForeign(RouteEndpoint route) =>
        route.RoutePattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal)
        || route.RoutePattern.RawText.StartsWith("/llm/", StringComparison.Ordinal)
        || route.RoutePattern.RawText.StartsWith("/mcp/", StringComparison.Ordinal)
        || route.RoutePattern.RawText.StartsWith("/services/", StringComparison.Ordinal)
        || route.RoutePattern.RawText.StartsWith("/opentelemetry", StringComparison.Ordinal);
}
