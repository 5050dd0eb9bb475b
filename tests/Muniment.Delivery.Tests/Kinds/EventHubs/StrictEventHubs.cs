using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Web;

namespace Muniment.Delivery.Tests.Kinds.EventHubs;

/// <summary>A hub by docs/siem/event_hubs.md: path, shared access signature, batch form, 1 MB.</summary>
internal sealed partial class StrictEventHubs : StrictServer
{
    public Dictionary<string, string> Keys { get; } = new() { ["send"] = "first+key/=", ["renewed"] = "renewed+key/=" };

    protected override WireAnswer Take(WireRequest request)
    {
        Must(request.Method == "POST" && request.Path == "/agents/messages", 404, "1.14: POST /{hub}/messages");
        Must(request.Query == "?timeout=60&api-version=2014-01", 400, "1.14: timeout=60&api-version=2014-01");
        Match signature = Signature().Match(request.Header("Authorization") ?? "");
        Must(signature.Success, 401, "1.14: SharedAccessSignature sr=…&sig=…&se=…&skn=…");
        string resource = signature.Groups["sr"].Value;
        string name = HttpUtility.UrlDecode(signature.Groups["skn"].Value);
        Must(Keys.TryGetValue(name, out string? key) && Knows(name, "send"), 401, "1.14: unknown policy");
        Must(HttpUtility.UrlDecode(resource).EndsWith($"://{request.Header("Host")}/agents", StringComparison.Ordinal), 401, "1.14: sr is the address of the hub");
        long expiry = long.Parse(signature.Groups["se"].Value, CultureInfo.InvariantCulture);
        Must(expiry > Time.GetUtcNow().ToUnixTimeSeconds(), 401, "1.14: se is over");
        byte[] expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key!), Encoding.UTF8.GetBytes(resource + "\n" + signature.Groups["se"].Value));
        Must(HttpUtility.UrlDecode(signature.Groups["sig"].Value) == Convert.ToBase64String(expected), 401, "1.14: the signature is HMAC-SHA256(key, sr + LF + se)");
        Must(request.Header("Content-Type") == "application/vnd.microsoft.servicebus.json", 400, "1.14: Content-Type of a batch");
        Must(request.Header("Content-Encoding") is null, 400, "1.14: no compression");
        Must(request.Body.Length <= 1_048_576, 413, "1.14: 1 MB a request");
        JsonNode? batch = JsonNode.Parse(new UTF8Encoding(false, true).GetString(request.Body));
        Must(batch is JsonArray { Count: > 0 }, 400, "1.14: a JSON array");
        List<(string Id, string Text)> events = [];
        foreach (JsonNode? item in batch!.AsArray())
        {
            Must(item!.AsObject().All(m => m.Key is "Body" or "UserProperties" or "BrokerProperties"), 400, "1.14: Body, UserProperties, BrokerProperties");
            Must(item["Body"] is JsonValue body && body.TryGetValue(out string? text) && text.Length > 0, 400, "1.14: Body is a string");
            Must(item["UserProperties"] is null || item["UserProperties"]!.AsObject().All(p => p.Value is JsonValue), 400, "1.14: properties are plain values");
            Must(item["BrokerProperties"] is null || item["BrokerProperties"]!.AsObject().All(p => p.Key == "PartitionKey"), 400, "1.14: BrokerProperties has a PartitionKey");
            JsonNode document = JsonNode.Parse(item["Body"]!.GetValue<string>())!;
            Must(document["id"]!.GetValue<string>() == item["UserProperties"]!["event_id"]!.GetValue<string>(), 400, "the id stands twice and differs");
            events.Add((document["id"]!.GetValue<string>(), item.ToJsonString()));
        }

        Must(!events.Exists(e => Poison.ContainsKey(e.Id)), 400, "");
        events.ForEach(e => Keep(e.Id, e.Text));
        return new WireAnswer(201);
    }

    [GeneratedRegex("^SharedAccessSignature sr=(?<sr>[^&]+)&sig=(?<sig>[^&]+)&se=(?<se>\\d{10})&skn=(?<skn>[^&]+)$")]
    private static partial Regex Signature();
}
