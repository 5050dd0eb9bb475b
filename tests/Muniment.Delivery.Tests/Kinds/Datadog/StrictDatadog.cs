using System.Text;
using System.Text.Json.Nodes;

namespace Muniment.Delivery.Tests.Kinds.Datadog;

/// <summary>The intake by docs/siem/datadog.md, read with JsonNode. What Datadog would cut or move in time without a word is refused here.</summary>
internal sealed class StrictDatadog : StrictServer
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(18);

    public string Key { get; set; } = "dd-key";

    /// <summary>Key of the search; without it, it is refused.</summary>
    public string ApplicationKey { get; set; } = "dd-app";

    public override bool IsDelivery(WireRequest request) => request.Path != "/api/v2/logs/events/search";

    protected override WireAnswer Take(WireRequest request)
    {
        if (!IsDelivery(request))
        {
            return Search(request);
        }

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

    private WireAnswer Search(WireRequest request)
    {
        Must(request.Method == "POST" && request.Header("Content-Type") == "application/json", 400, "1.4: POST /api/v2/logs/events/search with JSON");
        Must(request.Header("DD-API-KEY") == Key && request.Header("DD-APPLICATION-KEY") == ApplicationKey, 403, "1.4: the search needs DD-API-KEY and DD-APPLICATION-KEY", Error("Forbidden"));
        JsonNode filter = JsonNode.Parse(request.Text)!["filter"]!;
        Must((filter["from"]!.GetValue<string>(), filter["to"]!.GetValue<string>()) == ("now-15m", "now"), 400, "1.4: from and to");
        string query = filter["query"]!.GetValue<string>();
        Must(query.StartsWith("@event_id:", StringComparison.Ordinal), 400, "1.4: @event_id:…");
        JsonArray found = [.. Taken.Where(t => t.Id == query["@event_id:".Length..]).Select(t => JsonNode.Parse(t.Json))];
        return new WireAnswer(200, new JsonObject { ["data"] = found }.ToJsonString());
    }

    private static string Error(string detail) => new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["status"] = "4xx", ["title"] = "no", ["detail"] = detail }) }.ToJsonString();
}
