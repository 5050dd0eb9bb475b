using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Muniment.Delivery.Tests.Kinds.OAuth;

namespace Muniment.Delivery.Tests.Kinds.Chronicle;

/// <summary>Google's token endpoint and the Chronicle API by docs/siem/chronicle.md. The record refused makes the request refused.</summary>
internal sealed class StrictChronicle : StrictServer
{
    private const string Parent = "/v1alpha/projects/p-1/locations/eu/instances/0f0e0d0c-0000-4000-8000-000000000001";
    private readonly Dictionary<string, DateTimeOffset> _tokens = [];
    private int _given;

    public TestAccount Account { get; } = new("muniment@p.iam.gserviceaccount.com");

    public int LifeSeconds { get; init; } = 3599;

    public TestAccount Renewed { get; } = new("renewed@p.iam.gserviceaccount.com");

    public override bool IsDelivery(WireRequest request) => request.Path != "/token";

    protected override WireAnswer Take(WireRequest request)
    {
        if (!IsDelivery(request))
        {
            return Give(request);
        }

        string bearer = request.Header("Authorization") ?? "";
        Must(bearer.StartsWith("Bearer ", StringComparison.Ordinal) && _tokens.TryGetValue(bearer[7..], out DateTimeOffset end) && Time.GetUtcNow() < end, 401, "1.7: Bearer with a token of the service account", Error("UNAUTHENTICATED", "no"));
        bool udm = request.Path == Parent + "/events:import";
        Must(request.Method == "POST" && (udm || request.Path == Parent + "/logTypes/MUNIMENT/logs:import"), 404, "1.7: POST …/logTypes/{LOG_TYPE}/logs:import or …/events:import", Error("NOT_FOUND", "no such"));
        Must(request.Header("Content-Type") == "application/json", 400, "1.7: JSON");
        byte[] body = request.Inflated();
        Must(body.Length <= 4_000_000, 413, "1.7: 4 MB a request");
        JsonObject payload = JsonNode.Parse(new UTF8Encoding(false, true).GetString(body))!.AsObject();
        Must(payload.All(m => m.Key is "hint" or "inlineSource") && payload["inlineSource"] is JsonObject, 400, "1.7: inlineSource");
        JsonObject source = payload["inlineSource"]!.AsObject();
        List<(string, string)> taken = [];
        if (udm)
        {
            Must(source["events"] is JsonArray && source.Count == 1, 400, "1.7: events of events:import");
            foreach (JsonNode? one in source["events"]!.AsArray())
            {
                Must(one is JsonObject wrapped && wrapped.Count == 1 && wrapped["udm"] is JsonObject, 400, "1.7: an event is {\"udm\":{…}}");
                JsonNode metadata = one!["udm"]!["metadata"]!;
                Must(metadata["event_timestamp"] is JsonValue && metadata["event_type"] is JsonValue, 400, "1.7: UDM needs event_timestamp and event_type");
                taken.Add((metadata["product_log_id"]!.GetValue<string>(), one.ToJsonString()));
            }
        }
        else
        {
            Must(source["forwarder"] is null or JsonValue && source["logs"] is JsonArray, 400, "1.7: logs of logs:import");
            Must(source["forwarder"] is null || source["forwarder"]!.GetValue<string>().StartsWith("projects/p-1/locations/eu/instances/", StringComparison.Ordinal), 400, "1.7: forwarder is a resource name");
            foreach (JsonNode? log in source["logs"]!.AsArray())
            {
                Must(log!.AsObject().All(m => m.Key is "data" or "logEntryTime" or "collectionTime" or "environmentNamespace" or "labels"), 400, "1.7: a log has data, times, namespace, labels");
                byte[] data;
                try
                {
                    data = Convert.FromBase64String(log["data"]!.GetValue<string>());
                }
                catch (FormatException)
                {
                    throw new Refused(new WireAnswer(400, Error("INVALID_ARGUMENT", "base64")), "1.7: data is base64");
                }

                Must(IsTime(log["logEntryTime"]) && IsTime(log["collectionTime"]), 400, "1.7: times are RFC 3339");
                Must(log["labels"] is null || log["labels"]!.AsObject().All(l => l.Value is JsonObject value && value["value"] is JsonValue text && text.TryGetValue(out string? _)), 400, "1.7: labels are {\"k\":{\"value\":\"v\"}}");
                taken.Add((log["labels"]!["event_id"]!["value"]!.GetValue<string>(), Encoding.UTF8.GetString(data)));
            }
        }

        Must(!taken.Any(t => Poison.ContainsKey(t.Item1)), 400, "", Error("INVALID_ARGUMENT", "invalid entry"));
        taken.ForEach(t => Keep(t.Item1, t.Item2));
        return new WireAnswer(200, "{}");
    }

    private WireAnswer Give(WireRequest request)
    {
        const string scope = "https://www.googleapis.com/auth/cloud-platform";
        TestAccount? account = Account.Wrong(request.Text, scope, Time.GetUtcNow()) is null ? Account : Renewed.Wrong(request.Text, scope, Time.GetUtcNow()) is null ? Renewed : null;
        Must(Knows(account?.Email, Account.Email), 400, "1.7: " + Account.Wrong(request.Text, scope, Time.GetUtcNow()), """{"error":"invalid_grant","error_description":"Invalid JWT Signature."}""");
        string token = $"ya29.{++_given}";
        _tokens[token] = Time.GetUtcNow().AddSeconds(LifeSeconds);
        return new WireAnswer(200, new JsonObject { ["access_token"] = token, ["expires_in"] = LifeSeconds, ["token_type"] = "Bearer" }.ToJsonString());
    }

    private static bool IsTime(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text) && text.EndsWith('Z') && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _);

    private static string Error(string status, string message) => new JsonObject { ["error"] = new JsonObject { ["status"] = status, ["message"] = message } }.ToJsonString();
}
