using System.Text.Json.Nodes;

namespace Muniment.Delivery.Tests.Kinds.OtlpHttp;

public sealed class StrictOtlpHttpTests
{
    public static TheoryData<string, string> WrongRequests => new()
    {
        { "path", "1.2: /v1/logs" },
        { "grpc path", "1.2: /v1/logs" },
        { "GET", "2.2: POST" },
        { "text", "1.2: application/x-protobuf" },
        { "no type", "1.2: application/x-protobuf" },
        { "no credential", "1.2: 401 without" },
        { "another credential", "1.2: 401 for a wrong" },
        { "brotli", "1.2: none or gzip" },
        { "not gzip", "2.2: bad gzip" },
        { "too large", "1.2: at most 20 MiB" },
        { "half", "2.2: the schema's own classes" },
        { "another signal", "2.2: the schema's own classes" },
        { "no marks", "2.2: the schema's own classes" },
        { "json repeats", "unreadable" },
        { "json other signal", "1.2: resourceLogs" },
        { "json snake case", "1.2: lowerCamelCase" },
        { "json base64 id", "1.2: traceId" },
        { "json short span", "1.2: spanId" },
        { "json enum name", "1.2: enums" },
        { "json number", "1.2: 64-bit" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task The_fake_refuses_wrong_requests(string what, string why)
    {
        await using StrictOtlpHttp server = new();
        bool json = what.StartsWith("json", StringComparison.Ordinal);
        WireRequest good = await KindBench.CaptureAsync(server, e => Json(e, json ? "json" : "protobuf"));
        Assert.Equal(["e0", "e1", "e2"], server.Taken.Select(t => t.Id));
        WireRequest wrong = what switch
        {
            "path" => good with { Path = "/logs" },
            "grpc path" => good with { Path = "/opentelemetry.proto.collector.logs.v1.LogsService/Export" },
            "GET" => good with { Method = "GET" },
            "text" => good.WithHeader("Content-Type", "text/plain"),
            "no type" => good.WithHeader("Content-Type", null),
            "no credential" => good.WithHeader("Authorization", null),
            "another credential" => good.WithHeader("Authorization", "Bearer x"),
            "brotli" => good.WithHeader("Content-Encoding", "br"),
            "not gzip" => good.WithHeader("Content-Encoding", "gzip"),
            "too large" => good with { Body = new byte[(20 << 20) + 1] },
            "half" => good with { Body = good.Body[..^5] },
            "another signal" => good with { Path = "/v1/traces" },
            "no marks" => good with { Body = [0x0a, 0x04, 0x12, 0x02, 0x12, 0x00] }, // one empty record
            "json repeats" => good.Edit(t => "{\"resourceLogs\":[]," + t[1..]),
            "json other signal" => good.Edit(t => t.Replace("resourceLogs", "resourceSpans", StringComparison.Ordinal)),
            "json snake case" => good.Edit(t => t.Replace("\"scopeLogs\"", "\"scope_logs\"", StringComparison.Ordinal)),
            "json base64 id" => Edit(good, record => record["traceId"] = "AAECAwQFBgcICQoLDA0ODw=="),
            "json short span" => Edit(good, record => record["spanId"] = "00"),
            "json enum name" => Edit(good, record => record["severityNumber"] = "SEVERITY_NUMBER_INFO"),
            _ => Edit(good, record => record["timeUnixNano"] = 1_772_000_000_000_000_000),
        };
        Assert.InRange(server.Answer(wrong).Status, 400, 499);
        Assert.StartsWith(why, Assert.Single(server.Refusals), StringComparison.Ordinal);
    }

    private static WireRequest Edit(WireRequest good, Action<JsonNode> edit) => good.Edit(text =>
    {
        JsonNode root = JsonNode.Parse(text)!;
        edit(root["resourceLogs"]![0]!["scopeLogs"]![0]!["logRecords"]![0]!);
        return root.ToJsonString();
    });

    private static string Json(string endpoint, string encoding) =>
        $$$"""{"id":"d","kind":"otlp_http","endpoint":"{{{endpoint}}}","credential":{"headers":{"authorization":"Bearer first"}},"options":{"encoding":"{{{encoding}}}"}}""";
}
