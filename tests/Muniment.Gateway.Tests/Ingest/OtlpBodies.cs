using System.Text;
using Muniment.Events.Otlp;

namespace Muniment.Gateway.Tests.Ingest;

/// <summary>Small OTLP requests in both encodings.</summary>
internal static class OtlpBodies
{
    private const string Resource = """{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"probe"}}]},"scopeLogs":[{"scope":{"name":"s"},"logRecords":[""";

    private const string Record =
        """{"timeUnixNano":"1772000000000000NNN","body":{"stringValue":"BODY"},"attributes":[{"key":"event.name","value":{"stringValue":"probe.run"}},{"key":"session.id","value":{"stringValue":"s-III"}}]}""";

    public static string Logs(int count = 1, string body = "hello") => Resource + string.Join(",", Enumerable.Range(0, count).Select(i => Record
        .Replace("NNN", i.ToString("D3"), StringComparison.Ordinal).Replace("III", i.ToString(), StringComparison.Ordinal).Replace("BODY", body, StringComparison.Ordinal))) + "]}]}]}";

    public const string Spans = """
        {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"probe"}},{"key":"process.command_args","value":{"stringValue":"-p SECRET"}}]},"scopeSpans":[{"spans":[
        {"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"work","startTimeUnixNano":"1772000000000000000","endTimeUnixNano":"1772000001000000000"}]}]}]}
        """;

    public const string Metrics = """
        {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"tokens","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"asInt":"7","timeUnixNano":"1772000000000000000"}]}}]}]}]}
        """;

    public static byte[] Proto(OtlpSignal signal, string json)
    {
        Assert.True(OtlpJson.TryTranscode(signal, Encoding.UTF8.GetBytes(json), out ReadOnlyMemory<byte> protobuf, out OtlpError? error), error?.ToString());
        return protobuf.ToArray();
    }
}
