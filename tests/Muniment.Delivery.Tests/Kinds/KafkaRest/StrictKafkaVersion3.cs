using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Muniment.Delivery.Tests.Kinds.KafkaRest;

/// <summary>Version 3 of the REST interface by docs/siem/kafka_rest.md: records one after another, an answer for each in its order.</summary>
internal sealed class StrictKafkaVersion3 : StrictServer
{
    private long _offset;

    public string User { get; set; } = "user:first";

    protected override WireAnswer Take(WireRequest request)
    {
        Must(request.Method == "POST", 405, "1.15: POST");
        Must(request.Path == "/kafka/v3/clusters/lkc-1/topics/agents/records", 404, "1.15: /v3/clusters/{id}/topics/{t}/records", StrictKafkaRest.Error(404, "HTTP 404 Not Found"));
        string[] authorization = (request.Header("Authorization") ?? "").Split(' ');
        Must(authorization is ["Basic", _] && Knows(Encoding.UTF8.GetString(Convert.FromBase64String(authorization[1])), User), 401, "1.15: Basic authorization", StrictKafkaRest.Error(401, "Unauthorized"));
        Must(request.Header("Content-Type") == "application/json", 415, "1.15: Content-Type application/json", StrictKafkaRest.Error(415, "HTTP 415 Unsupported Media Type"));
        Must(request.Header("Accept") is null or "application/json", 406, "1.15: Accept application/json", StrictKafkaRest.Error(406, "Not acceptable"));
        Must(request.Header("Content-Encoding") is null, 415, "1.15: no compression");
        Must(request.Body.Length is > 0 and <= 1_000_000, 413, "1.15: about 1 MB");
        List<JsonObject> records = Read(request.Body);
        StringBuilder answers = new();
        bool partial = TakePartial();
        foreach (JsonObject record in records)
        {
            string id = record["value"]!["data"]!["id"]!.GetValue<string>();
            if (Poison.ContainsKey(id))
            {
                answers.Append(StrictKafkaRest.Error(400, "The record is corrupt")).Append('\n');
            }
            else if (partial)
            {
                partial = false;
                answers.Append(StrictKafkaRest.Error(429, "Too many requests")).Append('\n');
            }
            else
            {
                Keep(id, record.ToJsonString());
                answers.Append(CultureInfo.InvariantCulture, $$$"""{"error_code":200,"cluster_id":"lkc-1","topic_name":"agents","partition_id":3,"offset":{{{_offset++}}},"timestamp":"2026-01-01T00:00:00Z","value":{"type":"JSON","size":1}}""").Append("\r\n");
            }
        }

        return new WireAnswer(200, answers.ToString());
    }

    private static List<JsonObject> Read(byte[] body)
    {
        List<JsonObject> records = [];
        Utf8JsonReader reader = new(body, new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
        {
            Must(reader.TokenType == JsonTokenType.StartObject, 400, "1.15: records one after another, not an array", StrictKafkaRest.Error(400, "Malformed"));
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            JsonObject record = JsonNode.Parse(body.AsSpan(start..(int)reader.BytesConsumed))!.AsObject();
            Must(record.All(m => m.Key is "key" or "value" or "partition_id" or "headers" or "timestamp"), 400, "1.15: members of a record", StrictKafkaRest.Error(400, "Unrecognized field"));
            Must(record["key"] is JsonObject typed && typed["type"]?.GetValue<string>() == "STRING" && typed["data"] is JsonValue key && key.TryGetValue(out string? _), 400, "1.15: a key with its type", StrictKafkaRest.Error(400, "Bad key"));
            Must(record["value"] is JsonObject value && value["type"]?.GetValue<string>() == "JSON" && value["data"] is JsonObject, 400, "1.15: a value with its type", StrictKafkaRest.Error(400, "Bad value"));
            records.Add(record);
        }

        return records;
    }
}
