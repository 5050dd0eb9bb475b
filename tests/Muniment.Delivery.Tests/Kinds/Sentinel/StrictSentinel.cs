using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;

namespace Muniment.Delivery.Tests.Kinds.Sentinel;

/// <summary>Entra's token endpoint and the Logs Ingestion API by docs/siem/sentinel.md. What the rule would drop or cut without a word is refused here.</summary>
internal sealed class StrictSentinel : StrictServer
{
    private static readonly string[] Columns =
        ["TimeGenerated", "EventTime", "EventId", "EventStream", "Action", "Actor", "ActorType", "ActorUser", "Target", "Result", "Reason", "Risk", "Session", "Correlation", "Event"];

    private readonly Dictionary<string, DateTimeOffset> _tokens = [];

    public int TokensGiven { get; private set; }

    public int LifeSeconds { get; set; } = 3599;

    public string Scope { get; set; } = "https://monitor.azure.com/.default";

    public override bool IsDelivery(WireRequest request) => !request.Path.EndsWith("/token", StringComparison.Ordinal);

    /// <summary>No token given so far is good any longer.</summary>
    public void Revoke() => _tokens.Clear();

    protected override WireAnswer Take(WireRequest request)
    {
        if (!IsDelivery(request))
        {
            return Give(request);
        }

        string bearer = request.Header("Authorization") ?? "";
        Must(bearer.StartsWith("Bearer ", StringComparison.Ordinal) && _tokens.TryGetValue(bearer[7..], out DateTimeOffset end) && Time.GetUtcNow() < end, 401, "1.6: Authorization: Bearer with a token of Entra");
        Must(request.Method == "POST" && request.Path == "/dataCollectionRules/dcr-0123/streams/Custom-Muniment_CL", 404, "1.6: POST {DCE}/dataCollectionRules/{dcr}/streams/{stream}");
        Must(request.Query == "?api-version=2023-01-01", 400, "1.6: api-version=2023-01-01");
        Must(request.Header("Content-Type") == "application/json", 400, "1.6: Content-Type: application/json");
        Must(request.Header("Content-Encoding") is null or "gzip", 400, "1.6: Content-Encoding gzip or none");
        byte[] body = request.Inflated();
        Must(body.Length <= 1_000_000 && request.Body.Length <= 1_000_000, 413, "1.6: 1 MB a call, both compressed and uncompressed", """{"error":{"code":"ContentLengthLimitExceeded"}}""");
        JsonNode? payload = JsonNode.Parse(new UTF8Encoding(false, true).GetString(body));
        Must(payload is JsonArray, 400, "1.6: the body is a JSON array", """{"error":{"code":"InvalidPayload"}}""");
        foreach (JsonNode? row in payload!.AsArray())
        {
            foreach ((string name, JsonNode? value) in row!.AsObject())
            {
                Must(Columns.Contains(name), 400, "1.6: a column that is not declared is dropped without a word: " + name);
                Must(Encoding.UTF8.GetByteCount(value!.ToJsonString()) <= 64 * 1024, 400, "1.6: a field over 64 KB is cut without a word");
            }

            Must(row["TimeGenerated"] is JsonValue time && time.TryGetValue(out string? text) && text.Length <= 28
                && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _), 400, "1.6: rows have TimeGenerated");
            Must(!Poison.ContainsKey(row["EventId"]!.GetValue<string>()), 400, "", """{"error":{"code":"InvalidPayload"}}""");
        }

        foreach (JsonNode? row in payload.AsArray())
        {
            Keep(row!["EventId"]!.GetValue<string>(), row.ToJsonString());
        }

        return new WireAnswer(204);
    }

    private WireAnswer Give(WireRequest request)
    {
        Must(request.Method == "POST" && request.Path == "/tenant-1/oauth2/v2.0/token", 404, "1.6: POST {authority}/{tenant}/oauth2/v2.0/token");
        Must(request.Header("Content-Type") == "application/x-www-form-urlencoded", 400, "1.6: a form", """{"error":"invalid_request"}""");
        System.Collections.Specialized.NameValueCollection form = HttpUtility.ParseQueryString(request.Text);
        Must(form["grant_type"] == "client_credentials", 400, "1.6: grant_type=client_credentials", """{"error":"unsupported_grant_type"}""");
        Must(form["scope"] == Scope, 400, "1.6: scope is https://monitor.azure.com/.default", """{"error":"invalid_scope"}""");
        Must(form["client_id"] == "client-1" && Knows(form["client_secret"], "s3cret+&="), 401, "1.6: client_id and client_secret", """{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided: s3cret"}""");
        string token = $"token-{++TokensGiven}";
        _tokens[token] = Time.GetUtcNow().AddSeconds(LifeSeconds);
        return new WireAnswer(200, new JsonObject { ["token_type"] = "Bearer", ["expires_in"] = LifeSeconds, ["access_token"] = token }.ToJsonString());
    }
}
