using System.Net;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Muniment.Gateway.Access;
using Muniment.Gateway.Tests.Hosting;

namespace Muniment.Gateway.Tests.Access;

/// <summary>Each route × each kind of caller. The routes are read from the running gateway: a new one without a row here fails.</summary>
public class RoleMatrixTests
{
    // In this order: no key, ingest, agent, analyst, auditor, admin, super_admin. + may, - 403, 0 401.
    private static readonly Dictionary<string, string> Rows = new(StringComparer.Ordinal)
    {
        ["POST /api/v1/events"] = "0++--++",
        ["* /v1/logs"] = "0++--++",
        ["* /v1/traces"] = "0++--++",
        ["* /v1/metrics"] = "0++--++",
        ["POST /opentelemetry.proto.collector.logs.v1.LogsService/Export"] = "0++--++",
        ["POST /opentelemetry.proto.collector.trace.v1.TraceService/Export"] = "0++--++",
        ["POST /opentelemetry.proto.collector.metrics.v1.MetricsService/Export"] = "0++--++",
        ["POST /services/collector"] = "0++--++",
        ["POST /services/collector/event"] = "0++--++",
        ["POST /services/collector/event/1.0"] = "0++--++",
        ["POST /services/collector/raw"] = "0++--++",
        ["POST /services/collector/raw/1.0"] = "0++--++",
        ["POST /services/collector/ack"] = "0++--++",
        ["POST /services/collector/ack/1.0"] = "0++--++",
        ["GET /services/collector/health"] = "0++--++",
        ["GET /services/collector/health/1.0"] = "0++--++",
        ["GET /api/v1/keys"] = "0---+++",
        ["POST /api/v1/keys"] = "0----++",
        ["DELETE /api/v1/keys/{id}"] = "0----++",
        ["GET /api/v1/tenants"] = "0-----+",
        ["POST /api/v1/tenants"] = "0-----+",
        ["GET /api/v1/settings/effective"] = "0---+++",
        ["GET /api/v1/settings/{scope}"] = "0---+++",
        ["PUT /api/v1/settings/{scope}"] = "0----++",
        ["GET /api/v1/setup/{agent}"] = "0---+++",
        ["GET /version"] = "+++++++",
        ["GET /openapi/{documentName}.json"] = "+++++++",
    };

    [Fact]
    public async Task Every_route_answers_every_caller_as_the_table_says()
    {
        await using Door door = await Door.OpenAsync();
        RouteEndpoint[] routes = [.. ((IEndpointRouteBuilder)door.App).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];
        Assert.Equal(Rows.Keys.Order(StringComparer.Ordinal), routes.Select(Name).Order(StringComparer.Ordinal));
        string?[] keys = [null, .. Enum.GetValues<Role>().Select(role => door.Key(role))];
        var wrong = new List<string>();
        foreach (RouteEndpoint route in routes)
        {
            for (int i = 0; i < keys.Length; i++)
            {
                char expected = Rows[Name(route)][i];
                char actual = await Try(door, route, keys[i]);
                if (actual != expected)
                {
                    wrong.Add($"{Name(route)} as {(i == 0 ? "nobody" : ((Role)(i - 1)).Name())}: {actual} instead of {expected}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Another_tenants_key_is_not_there()
    {
        await using Door door = await Door.OpenAsync();
        await door.TenantAsync("blue");
        string victim = await door.KeyAsync("default", Role.Ingest);
        Assert.True(ApiKey.TryParse(victim, out _, out string? id));
        HttpResponseMessage answer = await door.SendAsync(HttpMethod.Delete, $"/api/v1/keys/{id}", null, door.Key(Role.Admin, "blue"));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        HttpResponseMessage list = await door.SendAsync(HttpMethod.Get, "/api/v1/keys", null, door.Key(Role.Admin, "blue"));
        Assert.DoesNotContain(id, await list.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static string Name(RouteEndpoint route) =>
        $"{route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Single() ?? "*"} {route.RoutePattern.RawText}";

    private static async Task<char> Try(Door door, RouteEndpoint route, string? key)
    {
        string path = route.RoutePattern.RawText!.Replace("{id}", "none").Replace("{scope}", "nonsense").Replace("{agent}", "none").Replace("{documentName}", "v1");
        bool grpc = path.StartsWith("/opentelemetry", StringComparison.Ordinal);
        bool hec = path.StartsWith("/services", StringComparison.Ordinal);
        string method = route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Single() ?? "POST";
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(grpc ? door.OtlpGrpc : door.Http, path));
        if (method is "POST" or "PUT")
        {
            request.Content = new StringContent("{\"no_such_field\":1}", Encoding.UTF8, grpc ? "application/grpc" : "application/json");
        }

        if (grpc)
        {
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        }

        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("x-api-key", key);
        }

        using HttpResponseMessage answer = await door.Client.SendAsync(request);
        if (grpc && answer.Headers.TryGetValues("grpc-status", out IEnumerable<string>? status))
        {
            return status.Single() switch { "16" => '0', "7" => '-', _ => '+' };
        }

        return answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized => '0',
            HttpStatusCode.Forbidden => '-',
            >= HttpStatusCode.InternalServerError => '!',
            _ => hec && (int)answer.StatusCode == 405 ? '!' : '+',
        };
    }
}
