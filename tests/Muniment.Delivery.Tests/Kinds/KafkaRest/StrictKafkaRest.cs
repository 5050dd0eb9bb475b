using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Muniment.Delivery.Tests.Kinds.KafkaRest;

/// <summary>A REST proxy by docs/siem/kafka_rest.md: media types, records, an answer for every record.</summary>
internal sealed class StrictKafkaRest : StrictServer
{
    private long _offset;

    public string User { get; set; } = "user:first";

    protected override WireAnswer Take(WireRequest request)
    {
        Must(request.Method == "POST", 405, "1.15: POST");
        Must(request.Path == "/topics/agents", 404, "1.15: /topics/{topic}", Error(40401, "Topic not found."));
        string[] authorization = (request.Header("Authorization") ?? "").Split(' ');
        Must(authorization is ["Basic", _] && Knows(Encoding.UTF8.GetString(Convert.FromBase64String(authorization[1])), User), 401, "1.15: Basic authorization", Error(40101, "Authentication failed"));
        Must(request.Header("Content-Type") == "application/vnd.kafka.json.v2+json", 415, "1.15: Content-Type application/vnd.kafka.json.v2+json", Error(415, "HTTP 415 Unsupported Media Type"));
        Must(request.Header("Accept") is "application/vnd.kafka.v2+json", 406, "1.15: Accept application/vnd.kafka.v2+json", Error(406, "Not acceptable"));
        Must(request.Header("Content-Encoding") is null, 415, "1.15: no compression");
        Must(request.Body.Length <= 1_000_000, 413, "1.15: about 1 MB");
        JsonNode? body = JsonNode.Parse(new UTF8Encoding(false, true).GetString(request.Body));
        Must(body is JsonObject top && top.All(m => m.Key == "records") && top["records"] is JsonArray { Count: > 0 }, 422, "1.15: {\"records\":[…]}", Error(422, "records may not be empty"));
        JsonArray offsets = [];
        bool partial = TakePartial();
        foreach (JsonNode? record in body!["records"]!.AsArray())
        {
            Must(record!.AsObject().All(m => m.Key is "key" or "value" or "partition"), 422, "1.15: key, value", Error(42203, "Conversion of JSON to Object failed"));
            Must(record["key"] is JsonValue && record["value"] is JsonObject, 422, "1.15: a key and an object as value", Error(42203, "Conversion of JSON to Object failed"));
            string id = record["value"]!["id"]!.GetValue<string>();
            if (Poison.ContainsKey(id))
            {
                offsets.Add(new JsonObject { ["partition"] = null, ["offset"] = null, ["error_code"] = 1, ["error"] = "The record is\ncorrupt" });
            }
            else if (partial)
            {
                partial = false;
                offsets.Add(new JsonObject { ["partition"] = null, ["offset"] = null, ["error_code"] = 2, ["error"] = "Leader not available" });
            }
            else
            {
                Keep(id, record.ToJsonString());
                offsets.Add(new JsonObject { ["partition"] = 3, ["offset"] = _offset++, ["error_code"] = null, ["error"] = null });
            }
        }

        return new WireAnswer(200, new JsonObject { ["key_schema_id"] = null, ["value_schema_id"] = null, ["offsets"] = offsets }.ToJsonString(), "application/vnd.kafka.v2+json");
    }

    public static string Error(int code, string message) => string.Create(CultureInfo.InvariantCulture, $"{{\"error_code\":{code},\"message\":\"{message}\"}}");
}
