using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.OtlpHttp;

/// <summary>
/// A receiver by docs/siem/otlp.md: protobuf read by a reader of the tests' own and by the schema's classes, JSON by the mapping's own rules (hex ids, 64-bit numbers as texts,
/// enums as numbers, lowerCamelCase).
/// </summary>
internal sealed partial class StrictOtlpHttp : StrictServer
{
    private const int MaxBodyBytes = 20 << 20;

    public string Bearer { get; set; } = "Bearer first";

    /// <summary>Keys of events that a partial success refused without naming them.</summary>
    public Action<string> RefusedUnnamed { get; set; } = _ => { };

    protected override WireAnswer Take(WireRequest request)
    {
        string? signal = request.Path switch { "/v1/logs" => "logs", "/v1/traces" => "traces", "/v1/metrics" => "metrics", _ => null };
        Must(signal is not null, 404, "1.2: /v1/logs, /v1/traces, /v1/metrics");
        Must(request.Method == "POST", 405, "2.2: POST");
        string? type = request.Header("Content-Type")?.Split(';')[0];
        Must(type is "application/x-protobuf" or "application/json", 415, "1.2: application/x-protobuf or application/json");
        Must(request.Header("Authorization") is not null, 401, "1.2: 401 without a credential");
        Must(Knows(request.Header("Authorization"), Bearer), 401, "1.2: 401 for a wrong credential");
        Must(request.Header("Content-Encoding") is null or "gzip", 415, "1.2: none or gzip");
        Must(request.Header("Content-Encoding") is null || request.Body is [0x1f, 0x8b, ..], 400, "2.2: bad gzip");
        byte[] body = request.Inflated();
        Must(body.Length <= MaxBodyBytes, 413, "1.2: at most 20 MiB");
        List<(string Key, string Bytes)> records = type == "application/json" ? Json(body, signal!) : Protobuf(body, signal!);
        if (records.Exists(r => Poison.ContainsKey(r.Key)))
        {
            throw new Refused(new WireAnswer(400, "", "application/x-protobuf") { Bytes = [0x12, 0x03, (byte)'b', (byte)'a', (byte)'d'] }, ""); // google.rpc.Status{message: "bad"}
        }

        bool partial = records.Count > 1 && TakePartial();
        foreach ((string key, string bytes) in records.SkipLast(partial ? 1 : 0))
        {
            Keep(key, bytes);
        }

        if (partial)
        {
            RefusedUnnamed(records[^1].Key);
        }

        if (type == "application/json")
        {
            return new WireAnswer(200, partial ? """{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"no"}}""" : "{}");
        }

        // ExportLogsServiceResponse{partial_success{rejected_log_records: 1, error_message: "no"}}
        return new WireAnswer(200, "", "application/x-protobuf") { Bytes = partial ? [0x0a, 0x06, 0x08, 0x01, 0x12, 0x02, (byte)'n', (byte)'o'] : [] };
    }

    private static List<(string Key, string Bytes)> Protobuf(byte[] body, string signal)
    {
        (int count, string? wrong) = OtlpOracle.Read(signal, body);
        Must(wrong is null, 400, "2.2: the schema's own classes: " + wrong);
        byte[][] records = [.. new PlainProto(body).Messages(1).SelectMany(r => r.Messages(2)).SelectMany(s => s.Raw(2))];
        Must(records.Length == count, 400, $"2.2: {count} records, not {records.Length}");
        int attributes = signal switch { "traces" => 9, "metrics" => 12, _ => 6 };
        return [.. records.Select(r => ("e" + new PlainProto(r).Attributes(attributes)["muniment.seq"], Convert.ToHexString(r)))];
    }

    private static List<(string Key, string Bytes)> Json(byte[] body, string signal)
    {
        JsonNode root = JsonNode.Parse(new UTF8Encoding(false, true).GetString(body), null, new System.Text.Json.JsonDocumentOptions { AllowDuplicateProperties = false })!;
        (string resources, string scopes, string items) = signal switch { "traces" => ("resourceSpans", "scopeSpans", "spans"), "metrics" => ("resourceMetrics", "scopeMetrics", "metrics"), _ => ("resourceLogs", "scopeLogs", "logRecords") };
        Must(root is JsonObject { Count: 1 } top && top.ContainsKey(resources), 400, "1.2: " + resources + " and nothing else");
        Walk(root);
        List<(string, string)> records = [];
        foreach (JsonNode? record in root[resources]!.AsArray().SelectMany(r => r![scopes]!.AsArray()).SelectMany(s => s![items]!.AsArray()))
        {
            string seq = record![signal == "metrics" ? "metadata" : "attributes"]!.AsArray().Single(a => a!["key"]!.GetValue<string>() == "muniment.seq")!["value"]!["intValue"]!.ToString();
            records.Add(("e" + seq, record.ToJsonString()));
        }

        return records;
    }

    private static void Walk(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            foreach (JsonNode? item in list)
            {
                Walk(item);
            }
        }

        if (node is not JsonObject members)
        {
            return;
        }

        foreach ((string name, JsonNode? value) in members)
        {
            Must(CamelCase().IsMatch(name), 400, $"1.2: lowerCamelCase, not '{name}'");
            Must(name is not "traceId" || Hex(value, 32), 400, "1.2: traceId is 32 hex digits");
            Must(name is not ("spanId" or "parentSpanId") || Hex(value, 16), 400, "1.2: spanId is 16 hex digits");
            Must(name is not ("severityNumber" or "kind" or "code" or "aggregationTemporality") || value is JsonValue number && number.TryGetValue(out int _), 400, "1.2: enums are numbers");
            Must(!(name == "intValue" || name.EndsWith("UnixNano", StringComparison.Ordinal)) || value is JsonValue text && text.TryGetValue(out string? digits) && long.TryParse(digits, out _), 400, "1.2: 64-bit numbers are texts");
            Walk(value);
        }
    }

    private static bool Hex(JsonNode? value, int length) => value is JsonValue text && text.TryGetValue(out string? hex) && hex!.Length == length && hex.All(char.IsAsciiHexDigit);

    [GeneratedRegex("^[a-z][A-Za-z0-9]*$")]
    private static partial Regex CamelCase();
}
