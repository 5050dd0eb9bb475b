using System.Text;
using System.Text.Json.Nodes;

namespace Muniment.Delivery.Tests.Kinds.Datadog;

/// <summary>The intake by docs/siem/datadog.md, read with JsonNode. What Datadog would cut or move in time without a word is refused here.</summary>
internal sealed class StrictDatadog : StrictServer
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(18);

    public string Key { get; set; } = "dd-key";

    protected override WireAnswer Take(WireRequest request)
    {
        Must(request.Method == "POST" && request.Path == "/api/v2/logs", 404, "1.4: POST /api/v2/logs");
        Must(request.Header("DD-API-KEY") is not null, 401, "1.4: header DD-API-KEY", Error("Unauthorized"));
        Must(Knows(request.Header("DD-API-KEY"), Key), 403, "1.4: 403 for a bad key", Error("Forbidden"));
        Must(request.Header("Content-Type") == "application/json", 415, "1.4: Content-Type application/json");
        Must(request.Header("Content-Encoding") is null or "gzip" or "deflate" or "zstd", 400, "1.4: encodings gzip, deflate, zstd");
        byte[] body = request.Inflated();
        Must(body.Length <= 5_000_000, 413, "1.4: at most 5 MB uncompressed", Error("Payload too large"));
        JsonNode? payload = JsonNode.Parse(new UTF8Encoding(false, true).GetString(body));
        Must(payload is JsonArray, 400, "1.4: the body is a JSON array", Error("Bad Request"));
        JsonArray logs = payload!.AsArray();
        Must(logs.Count is > 0 and <= 1000, 400, "1.4: at most 1000 logs");
        foreach (JsonNode? log in logs)
        {
            Must(Encoding.UTF8.GetByteCount(log!.ToJsonString()) <= 1_000_000, 400, "1.4: a log over 1 MB is cut without a word");
            Must(log["ddsource"] is JsonValue && log["service"] is JsonValue && log["message"] is JsonValue && log["status"] is JsonValue, 400, "1.4: reserved attributes are texts");
            Must(log["ddtags"]!.GetValue<string>().Split(',').All(t => t.Contains(':', StringComparison.Ordinal)), 400, "1.4: ddtags are k:v,k:v");
            Must(log["hostname"] is null or JsonValue && log["host"] is null or JsonValue && log["source"] is null or JsonValue, 400, "1.4: an object under a reserved name");
            if (log["timestamp"] is JsonValue time)
            {
                Must(time.TryGetValue(out long milliseconds) && milliseconds > 100_000_000_000, 400, "1.4: timestamp is milliseconds or ISO 8601");
                Must(Math.Abs((Time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)).TotalHours) <= Window.TotalHours, 400, "1.4: older than 18 h is outside the window");
            }

            Must(!Poison.ContainsKey(log["event_id"]!.GetValue<string>()), 400, "", Error("Invalid log"));
        }

        foreach (JsonNode? log in logs)
        {
            Keep(log!["event_id"]!.GetValue<string>(), log.ToJsonString());
        }

        return new WireAnswer(202, "{}");
    }

    private static string Error(string detail) => new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["status"] = "4xx", ["title"] = "no", ["detail"] = detail }) }.ToJsonString();
}
