using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Muniment.Delivery.Tests.Kinds.Webhook;

/// <summary>A receiver by Standard Webhooks 1.0.0 (docs/siem/webhook.md) that verifies as the standard's libraries do, and keeps ids as idempotency keys.</summary>
internal sealed class StrictReceiver : StrictServer
{
    private readonly Dictionary<string, string> _seen = [];

    public string Secret { get; set; } = "whsec_" + Convert.ToBase64String(Encoding.ASCII.GetBytes("0123456789abcdef0123456789abcdef"));

    /// <summary>Secrets that are tried; the one that fits is the credential that came.</summary>
    public string[] Others { get; set; } = [];

    /// <summary>How far a message's time may be from now; five minutes in the standard's libraries.</summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromMinutes(5);

    protected override WireAnswer Take(WireRequest request)
    {
        Must(request.Method == "POST", 405, "1.16: POST");
        Must(request.Header("Content-Type") == "application/json", 415, "1.16: the payload is JSON");
        Must(request.Header("Content-Encoding") is null, 415, "1.16: the signature is over the body that is read");
        Must(request.Header("webhook-id") is { Length: > 0 } && !request.Header("webhook-id")!.Contains('.', StringComparison.Ordinal), 400, "1.16: webhook-id is there and holds no dot");
        string id = request.Header("webhook-id")!;
        Must(long.TryParse(request.Header("webhook-timestamp"), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds), 400, "1.16: webhook-timestamp is unix seconds");
        Must(Math.Abs(Time.GetUtcNow().ToUnixTimeSeconds() - seconds) <= Tolerance.TotalSeconds, 400, "1.16: webhook-timestamp is of this attempt");
        byte[] signed = [.. Encoding.UTF8.GetBytes(id + "." + request.Header("webhook-timestamp") + "."), .. request.Body];
        string? fits = Others.Prepend(Secret).FirstOrDefault(s => request.Header("webhook-signature")?.Split(' ').Contains("v1," + Convert.ToBase64String(
            HMACSHA256.HashData(Convert.FromBase64String(s["whsec_".Length..]), signed))) == true);
        Must(Knows(fits, Secret), 401, "1.16: webhook-signature holds v1,<base64 HMAC-SHA256 of id.timestamp.body>");
        using JsonDocument payload = JsonDocument.Parse(request.Body);
        Must(payload.RootElement.GetProperty("type").GetString() is { Length: > 0 }, 400, "1.16: the payload has a type");
        Must(DateTimeOffset.TryParse(payload.RootElement.GetProperty("timestamp").GetString(), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _), 400, "1.16: the payload has a timestamp");
        string text = Encoding.UTF8.GetString(request.Body);
        if (_seen.TryGetValue(id, out string? before))
        {
            Must(before == text, 400, "1.16: webhook-id is the same only for the same message");
            return new WireAnswer(200, "known");
        }

        JsonElement[] events = [.. payload.RootElement.GetProperty("data").EnumerateArray()];
        Must(!events.Any(e => Poison.ContainsKey(e.GetProperty("id").GetString()!)), 400, "");
        _seen[id] = text;
        foreach (JsonElement one in events)
        {
            Keep(one.GetProperty("id").GetString()!, one.GetRawText());
        }

        return new WireAnswer(200, "<p>thanks</p>", "text/html");
    }
}
