using System.Text.Json;
using Microsoft.AspNetCore.Routing;

namespace Muniment.Host.Tests;

/// <summary>The description of the API and the routes that are served are the same.</summary>
[Collection(nameof(RealHost))]
public sealed class OpenApiTests(RealHost host)
{
    [Fact]
    public async Task Every_route_is_described_and_nothing_else_is()
    {
        JsonElement paths = await PathsAsync();
        IEnumerable<string> described = paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Where(o => o.Name != "parameters").Select(o => $"{o.Name.ToUpperInvariant()} {path.Name}"));
        IEnumerable<string> served = host.Routes.Where(route => !route.RoutePattern.RawText!.StartsWith("/openapi", StringComparison.Ordinal) && !IsForwarded(route))
            .Select(route => $"{RouteNames.Method(route)} {Trim(route)}");
        Assert.Equal(served.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("/api/v1/events", "post", "202")]
    [InlineData("/api/v1/keys", "post", "201")]
    [InlineData("/api/v1/keys/{id}", "delete", "204")]
    [InlineData("/api/v1/tenants", "post", "201")]
    [InlineData("/api/v1/destinations", "post", "201")]
    [InlineData("/api/v1/destinations/{id}", "delete", "204")]
    [InlineData("/api/v1/destinations/{id}/dead-letters/replay", "post", "202")]
    [InlineData("/api/v1/destinations", "get", "200")]
    [InlineData("/v1/logs", "post", "200")]
    [InlineData("/services/collector/event", "post", "200")]
    public async Task The_answer_that_says_yes_is_the_one_that_is_given(string path, string method, string status)
    {
        JsonElement responses = (await PathsAsync()).GetProperty(path).GetProperty(method).GetProperty("responses");
        Assert.Equal([status], responses.EnumerateObject().Select(r => r.Name).Where(name => name[0] == '2'));
    }

    private async Task<JsonElement> PathsAsync()
    {
        using HttpResponseMessage answer = await host.SendAsync("GET", "/openapi/v1.json", role: null);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("paths");
    }

    // What is forwarded is described by whoever answers it.
    private static bool IsForwarded(RouteEndpoint route) => route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is not null;

    private static string Trim(RouteEndpoint route) => route.RoutePattern.RawText is { Length: > 1 } text ? text.TrimEnd('/') : "/";
}
