using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Muniment.Delivery.Tests.Kinds.Elastic;

/// <summary>Elasticsearch's <c>_bulk</c>, <c>_count</c> by docs/siem/elastic.md, read with JsonNode line by line.</summary>
internal sealed class StrictElastic : StrictServer
{
    private readonly Dictionary<string, string> _documents = [];

    /// <summary>Largest request, uncompressed.</summary>
    public int MaxBytes { get; set; } = 100 * 1024 * 1024;

    public string Key { get; set; } = "aWQ6a2V5";

    public bool MaySearch { get; set; } = true;

    public override bool IsDelivery(WireRequest request) => request.Path.EndsWith("/_bulk", StringComparison.Ordinal);

    protected override WireAnswer Take(WireRequest request)
    {
        Must(Knows(request.Header("Authorization"), "ApiKey " + Key), 401, "1.8: auth is `Authorization: ApiKey base64(id:key)`", """{"error":{"type":"security_exception","reason":"missing"},"status":401}""");
        if (request.Path.EndsWith("/_count", StringComparison.Ordinal))
        {
            Must(MaySearch, 403, "no read privilege");
            string id = JsonNode.Parse(request.Text)!["query"]!["ids"]!["values"]![0]!.GetValue<string>();
            return new WireAnswer(200, new JsonObject { ["count"] = _documents.ContainsKey(id) ? 1 : 0 }.ToJsonString());
        }

        Must(request.Method == "POST" && request.Path == "/_bulk", 405, "1.8: POST {url}/_bulk");
        Must(request.Header("Content-Type") == "application/x-ndjson", 406, "1.8: Content-Type is application/x-ndjson");
        byte[] body = request.Inflated();
        Must(body.Length <= MaxBytes, 413, "1.8: http.max_content_length counts the uncompressed length");
        string text = new UTF8Encoding(false, true).GetString(body);
        Must(text.EndsWith('\n'), 400, "1.8: the final newline is mandatory", """{"error":{"type":"illegal_argument_exception","reason":"The bulk request must be terminated by a newline [\\n]"}}""");
        string[] lines = text[..^1].Split('\n');
        Must(lines.Length % 2 == 0, 400, "1.8: NDJSON pairs of action and document");
        JsonArray items = [];
        bool errors = false;
        List<(string, string)> taken = [];
        bool partial = lines.Length > 4 && TakePartial();
        for (int i = 0; i < lines.Length; i += 2)
        {
            JsonObject action = JsonNode.Parse(lines[i])!.AsObject();
            Must(action.Count == 1 && action["create"] is JsonObject, 400, "1.8: data streams accept only create");
            string index = action["create"]!["_index"]!.GetValue<string>();
            string id = action["create"]!["_id"]!.GetValue<string>();
            Must(index == index.ToLower(CultureInfo.InvariantCulture) && index.Split('-') is ["logs", { Length: > 0 and <= 100 }, { Length: > 0 and <= 100 }], 400, "1.8: a data stream is named logs-{dataset}-{namespace} in lower case");
            Must(Encoding.UTF8.GetByteCount(id) is > 0 and <= 512, 400, "1.8: an _id has 1 to 512 bytes");
            JsonObject document = JsonNode.Parse(lines[i + 1])!.AsObject();
            Must(document["@timestamp"] is JsonValue time && DateTimeOffset.TryParse(time.GetValue<string>(), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _), 400, "1.8: data streams need @timestamp");
            string own = document["id"]!.GetValue<string>();
            (int status, string? type) = partial && i == 2 ? (429, "es_rejected_execution_exception") : Poison.ContainsKey(own) || (partial && i == 4) ? (400, "document_parsing_exception") : !_documents.TryAdd(id, lines[i + 1]) ? (409, "version_conflict_engine_exception") : (201, null);
            if (status == 201)
            {
                taken.Add((own, lines[i + 1]));
            }

            errors |= status != 201;
            JsonObject said = new() { ["status"] = status };
            if (type is not null)
            {
                said["error"] = new JsonObject { ["type"] = type, ["reason"] = "failed to parse field [x]\nof type [long]" };
            }

            items.Add(new JsonObject { ["create"] = said });
        }

        taken.ForEach(t => Keep(t.Item1, t.Item2));
        return new WireAnswer(200, new JsonObject { ["errors"] = errors, ["items"] = items }.ToJsonString());
    }
}
