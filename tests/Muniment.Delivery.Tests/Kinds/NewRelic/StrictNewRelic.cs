using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Muniment.Delivery.Tests.Kinds.NewRelic;

/// <summary>The Log API by docs/siem/newrelic.md. What New Relic would find wrong after its 202, or cut, is refused here.</summary>
internal sealed class StrictNewRelic : StrictServer
{
    public string Key { get; set; } = "nr-key";

    /// <summary>Key of the search.</summary>
    public string UserKey { get; set; } = "nr-user";

    /// <summary>Whether its validation, which comes after the answer, throws away what was taken.</summary>
    public bool Discards { get; set; }

    public override bool IsDelivery(WireRequest request) => request.Path != "/graphql";

    protected override WireAnswer Take(WireRequest request)
    {
        if (!IsDelivery(request))
        {
            return Search(request);
        }

        Must(request.Method == "POST" && request.Path == "/log/v1", 404, "1.11: POST /log/v1");
        Must(Knows(request.Header("Api-Key"), Key), 403, "1.11: 403 for a bad Api-Key");
        Must(request.Header("Content-Type") == "application/json", 415, "1.11: JSON");
        Must(request.Header("Content-Encoding") is null or "gzip", 400, "1.11: gzip or none");
        Must(request.Body.Length <= 1_000_000, 413, "1.11: at most 1 MB compressed");
        JsonNode? payload = JsonNode.Parse(new UTF8Encoding(false, true).GetString(request.Inflated()));
        Must(payload is JsonArray, 400, "1.11: the body is [{common, logs}]");
        foreach (JsonNode? block in payload!.AsArray())
        {
            Must(block is JsonObject && block.AsObject().All(m => m.Key is "common" or "logs") && block["logs"] is JsonArray, 400, "1.11: a block has common and logs");
            Must(block!["common"]!.AsObject().All(m => m.Key is "attributes" or "timestamp"), 400, "1.11: common has attributes");
            int common = block["common"]!["attributes"]!.AsObject().Count;
            foreach (JsonNode? log in block["logs"]!.AsArray())
            {
                Must(log!.AsObject().All(m => m.Key is "timestamp" or "message" or "attributes"), 400, "1.11: a log has timestamp, message and attributes");
                Must(log["message"] is JsonValue text && text.TryGetValue(out string? message) && Encoding.UTF8.GetByteCount(message) <= 128 * 1024, 400, "1.11: a message of at most 128 KB");
                JsonObject attributes = log["attributes"]!.AsObject();
                Must(attributes.Count + common <= 255, 400, "1.11: at most 255 attributes");
                Must(attributes.All(a => a.Value is JsonValue), 400, "1.11: attributes are flat");
                Must(attributes.All(a => !a.Value!.AsValue().TryGetValue(out string? s) || s.Length <= 4094), 400, "1.11: strings of at most 4094 characters");
                if (log["timestamp"] is { } time)
                {
                    Must(time.AsValue().TryGetValue(out long ms) && ms > 100_000_000_000, 400, "1.11: timestamp is milliseconds");
                    Must((Time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(ms)).TotalHours <= 48, 400, "1.11: dropped after the 202: older than 48 h");
                }

                Must(!Poison.ContainsKey(attributes["event_id"]!.GetValue<string>()), 400, "");
            }

            foreach (JsonNode? log in block["logs"]!.AsArray())
            {
                Keep(log!["attributes"]!["event_id"]!.GetValue<string>(), log.ToJsonString());
            }
        }

        return new WireAnswer(202, """{"requestId":"f0e7bfff-001a-b000-0000-01682bcf4565"}""");
    }

    private WireAnswer Search(WireRequest request)
    {
        Must(request.Method == "POST" && request.Header("API-Key") == UserKey, 401, "1.11: NerdGraph wants a user key");
        Match match = Regex.Match(JsonNode.Parse(request.Text)!["query"]!.GetValue<string>(), "^{ actor { account\\(id: 42\\) { nrql\\(query: (\"[^\"]*\")\\) { results } } } }$");
        Must(match.Success, 400, "1.11: actor, account, nrql, results");
        match = Regex.Match(JsonNode.Parse(match.Groups[1].Value)!.GetValue<string>(), "^SELECT event_id FROM Log WHERE event_id = '([^']+)' SINCE 15 minutes ago LIMIT 1$");
        Must(match.Success, 400, "1.11: SELECT … FROM Log WHERE event_id = …");
        JsonArray results = !Discards && Taken.Any(t => t.Id == match.Groups[1].Value) ? [new JsonObject { ["event_id"] = match.Groups[1].Value }] : [];
        return new WireAnswer(200, new JsonObject { ["data"] = new JsonObject { ["actor"] = new JsonObject { ["account"] = new JsonObject { ["nrql"] = new JsonObject { ["results"] = results } } } } }.ToJsonString());
    }
}
