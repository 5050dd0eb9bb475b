using System.Net;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Muniment.Gateway.Access;

namespace Muniment.Host.Tests;

/// <summary>Each route of the host × each kind of caller. The routes are read from the running host: a new one without a row here fails, wherever it is mapped.</summary>
[Collection(nameof(RealHost))]
public sealed class RoleMatrixTests(RealHost host)
{
    // In this order: no key, ingest, agent, analyst, auditor, admin, super_admin. + may, - 403, 0 401.
    private static readonly Dictionary<string, string> Rows = new(StringComparer.Ordinal)
    {
        ["POST /api/v1/events"] = "0++--++",
        ["POST /api/v1/opa/logs"] = "0++--++",
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
        ["GET /api/v1/events"] = "0--++++",
        ["GET /api/v1/events/tail"] = "0--++++",
        ["GET /api/v1/events/{id}"] = "0--++++",
        ["GET /api/v1/export"] = "0--++++",
        ["GET /api/v1/sessions"] = "0--++++",
        ["GET /api/v1/sessions/{id}"] = "0--++++",
        ["GET /api/v1/traces/{id}"] = "0--++++",
        ["GET /api/v1/timeline"] = "0--++++",
        ["GET /api/v1/health"] = "0--++++",
        ["GET /api/v1/keys"] = "0---+++",
        ["POST /api/v1/keys"] = "0----++",
        ["DELETE /api/v1/keys/{id}"] = "0----++",
        ["GET /api/v1/tenants"] = "0-----+",
        ["POST /api/v1/tenants"] = "0-----+",
        ["GET /api/v1/tenants/{id}"] = "0-----+",
        ["PUT /api/v1/tenants/{id}"] = "0-----+",
        ["POST /api/v1/backup"] = "0-----+",
        ["GET /api/v1/settings/effective"] = "0---+++",
        ["GET /api/v1/settings/{scope}"] = "0---+++",
        ["PUT /api/v1/settings/{scope}"] = "0----++",
        ["GET /api/v1/setup/{agent}"] = "0---+++",
        ["GET /api/v1/destinations/"] = "0---+++",
        ["POST /api/v1/destinations/"] = "0----++",
        ["GET /api/v1/destinations/{id}"] = "0---+++",
        ["PUT /api/v1/destinations/{id}"] = "0----++",
        ["DELETE /api/v1/destinations/{id}"] = "0----++",
        ["GET /api/v1/destinations/{id}/status"] = "0---+++",
        ["POST /api/v1/destinations/{id}/test"] = "0----++",
        ["POST /api/v1/destinations/{id}/pause"] = "0----++",
        ["POST /api/v1/destinations/{id}/resume"] = "0----++",
        ["POST /api/v1/destinations/{id}/rewind"] = "0----++",
        ["GET /api/v1/destinations/{id}/dead-letters"] = "0---+++",
        ["POST /api/v1/destinations/{id}/dead-letters/replay"] = "0----++",
        ["GET /api/v1/destinations/{id}/receipts"] = "0---+++",
        ["GET /api/v1/upstreams"] = "0---+++",
        ["GET /api/v1/upstreams/{name}"] = "0---+++",
        ["PUT /api/v1/upstreams/{name}"] = "0----++",
        ["DELETE /api/v1/upstreams/{name}"] = "0----++",
        ["* /llm/{upstream}/{**path}"] = "0-+--++",
        ["* /mcp/{upstream}"] = "0-+--++",
        ["GET /api/v1/policies"] = "0---+++",
        ["GET /api/v1/policies/{name}"] = "0---+++",
        ["PUT /api/v1/policies/{name}"] = "0----++",
        ["GET /api/v1/policies/{name}/versions"] = "0---+++",
        ["GET /api/v1/policies/{name}/versions/{version}"] = "0---+++",
        ["POST /api/v1/policies/{name}/rollback"] = "0----++",
        ["POST /api/v1/policies/simulate"] = "0---+++",
        ["POST /api/v1/decide"] = "0-+--++",
        ["GET /api/v1/approvals"] = "0----++",
        ["GET /api/v1/approvals/{id}"] = "0----++",
        ["POST /api/v1/approvals/{id}"] = "0----++",
        ["GET /healthz"] = "+++++++",
        ["GET /readyz"] = "+++++++",
        // Callers on this machine need no key.
        ["GET /metrics"] = "+++++++",
        ["GET /version"] = "+++++++",
        ["GET /openapi/{documentName}.json"] = "+++++++",
    };

    [Fact]
    public async Task Every_route_answers_every_caller_as_the_table_says()
    {
        IReadOnlyList<RouteEndpoint> routes = host.Routes;
        Assert.Equal(Rows.Keys.Order(StringComparer.Ordinal), routes.Select(RouteNames.Name).Order(StringComparer.Ordinal));
        var wrong = new List<string>();
        foreach (RouteEndpoint route in routes)
        {
            string row = Rows[RouteNames.Name(route)];
            for (int i = 0; i < row.Length; i++)
            {
                char actual = await Try(route, i == 0 ? null : (Role)(i - 1));
                if (actual != row[i])
                {
                    wrong.Add($"{RouteNames.Name(route)} as {(i == 0 ? "nobody" : ((Role)(i - 1)).Name())}: {actual} instead of {row[i]}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    private async Task<char> Try(RouteEndpoint route, Role? role)
    {
        string path = RouteNames.Path(route);
        bool grpc = path.StartsWith("/opentelemetry", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(RouteNames.Method(route)), grpc ? new Uri(host.OtlpGrpc, path) : new Uri(path, UriKind.Relative));
        if (request.Method.Method is "POST" or "PUT")
        {
            request.Content = new StringContent("{\"no_such_field\":1}", Encoding.UTF8, grpc ? "application/grpc" : "application/json");
        }

        if (grpc)
        {
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        }

        if (role is { } named)
        {
            request.Headers.TryAddWithoutValidation("x-api-key", host.Key(named));
        }

        // A tail answers its head and goes on.
        using HttpResponseMessage answer = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (grpc && answer.Headers.TryGetValues("grpc-status", out IEnumerable<string>? status))
        {
            return status.Single() switch { "16" => '0', "7" => '-', _ => '+' };
        }

        return answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized => '0',
            HttpStatusCode.Forbidden => '-',
            HttpStatusCode.MethodNotAllowed or >= HttpStatusCode.InternalServerError => '!',
            _ => '+',
        };
    }
}
