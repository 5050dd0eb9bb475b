using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Web;

namespace Muniment.Delivery.Tests.Kinds.Loki;

/// <summary>Loki's push and query_range by docs/siem/loki.md: valid entries of a request are stored although it is answered with 400.</summary>
internal sealed class StrictLoki : StrictServer
{
    private readonly Dictionary<string, Dictionary<(long, string), string>> _streams = [];

    public string? Tenant { get; set; }

    public string? Credential { get; set; }

    /// <summary>Whether refused entries are named by their times, as newer versions do.</summary>
    public bool Names { get; set; } = true;

    /// <summary>reject_old_samples_max_age; seven days by default in Loki, off here because the tests' log is older.</summary>
    public TimeSpan? MaxAge { get; set; }

    public override bool IsDelivery(WireRequest request) => request.Path == "/loki/api/v1/push";

    protected override WireAnswer Take(WireRequest request)
    {
        Must(request.Header("X-Scope-OrgID") == Tenant, 401, "1.9: tenant header X-Scope-OrgID", "no org id");
        Must(Accepts?.Invoke(request.Header("Authorization")) ?? request.Header("Authorization") == Credential, 401, "1.9: Basic user:token or bearer");
        if (request.Path == "/loki/api/v1/query_range")
        {
            string query = HttpUtility.ParseQueryString(request.Query)["query"]!;
            Match match = Regex.Match(query, "^{(.*)} \\|= \"(.*)\"$");
            bool found = _streams.Any(s => s.Key == match.Groups[1].Value && s.Value.Keys.Any(k => k.Item2.Contains(match.Groups[2].Value, StringComparison.Ordinal)));
            return new WireAnswer(200, new JsonObject { ["status"] = "success", ["data"] = new JsonObject { ["result"] = found ? new JsonArray(new JsonObject()) : [] } }.ToJsonString());
        }

        Must(request.Method == "POST" && request.Path == "/loki/api/v1/push", 404, "1.9: POST {url}/loki/api/v1/push");
        Must(request.Header("Content-Type") == "application/json", 400, "1.9: JSON, or snappy protobuf as application/x-protobuf");
        JsonNode payload = JsonNode.Parse(new UTF8Encoding(false, true).GetString(request.Inflated()))!;
        List<string> last = [];
        int ofLast = 0;
        foreach (JsonNode? stream in payload["streams"]!.AsArray())
        {
            JsonObject labels = stream!["stream"]!.AsObject();
            Must(labels.Count is > 0 and <= 15, 400, "1.9: at most 15 labels");
            Must(labels.All(l => Regex.IsMatch(l.Key, "^[a-zA-Z_][a-zA-Z0-9_]*$") && l.Value is JsonValue), 400, "1.9: label names and values");
            Must(!labels.Any(l => l.Key.EndsWith("_id", StringComparison.Ordinal) || l.Key.Contains("seq", StringComparison.Ordinal)), 400, "1.9: labels are few and bounded, ids are structured metadata");
            string selector = string.Join(',', labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}=\"{l.Value}\""));
            Dictionary<(long, string), string> stored = _streams.TryGetValue(selector, out Dictionary<(long, string), string>? known) ? known : _streams[selector] = [];
            List<string> errors = [];
            int total = 0;
            bool partial = stream["values"]!.AsArray().Count > 2 && TakePartial();
            foreach (JsonNode? value in stream["values"]!.AsArray())
            {
                total++;
                JsonArray entry = value!.AsArray();
                Must(entry.Count is 2 or 3 && entry[0] is JsonValue first && first.TryGetValue(out string? _), 400, "1.9: an entry is [\"<ns string>\",\"line\",{metadata}]");
                Must(long.TryParse(entry[0]!.GetValue<string>(), NumberStyles.None, CultureInfo.InvariantCulture, out long time) && time is 0 or > 1_000_000_000_000_000_000, 400, "1.9: the time is nanoseconds");
                string line = entry[1]!.GetValue<string>();
                Must(Encoding.UTF8.GetByteCount(line) <= 256 * 1024, 400, "1.9: a line has at most 256 KB");
                Must(entry.Count == 2 || entry[2]!.AsObject().All(m => m.Value is JsonValue text && text.TryGetValue(out string? _)), 400, "1.9: structured metadata are texts");
                string id = JsonNode.Parse(line)!["id"]!.GetValue<string>();
                string? refusal = Poison.ContainsKey(id) || (partial && total == 2) ? "line is bad"
                    : MaxAge is { } age && (Time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds - time / 1e9 > age.TotalSeconds ? "timestamp too old"
                    : stored.Count > 0 && time < stored.Keys.Max(k => k.Item1) - 3_600_000_000_000 ? "entry too far behind, oldest acceptable timestamp is: then"
                    : null;
                if (refusal is not null)
                {
                    DateTimeOffset at = DateTimeOffset.UnixEpoch.AddTicks(time / 100);
                    errors.Add(Names ? $"entry with timestamp {at.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)} +0000 UTC ignored, reason: '{refusal}'," : refusal);
                }
                else if (stored.TryAdd((time, line), id))
                {
                    Keep(id, line);
                }
            }

            (last, ofLast) = errors.Count > 0 ? (errors, total) : (last, ofLast); // an ingester answers with the error of the last stream that had one
        }

        return last.Count == 0 ? new WireAnswer(204)
            : new WireAnswer(400, string.Join('\n', last) + (Names ? $"\nuser 'fake', total ignored: {last.Count} out of {ofLast} for stream: {{job=\"muniment\"}}" : ""), "text/plain");
    }
}
