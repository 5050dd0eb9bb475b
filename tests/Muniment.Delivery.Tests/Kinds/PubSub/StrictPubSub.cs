using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;

namespace Muniment.Delivery.Tests.Kinds.PubSub;

/// <summary>Google's token endpoint and a topic (docs/siem/pubsub.md). Checks the assertion with the public key, in code of its own.</summary>
internal sealed class StrictPubSub : StrictServer
{
    public const int MaxRequestBytes = 10_000_000;

    private static readonly RSA First = RSA.Create(2048), Renewed = RSA.Create(2048);

    private readonly HashSet<string> _tokens = [];
    private int _messages;

    public int TokensGiven { get; private set; }

    public static string Account(string root, bool renewed = false) => new JsonObject
    {
        ["type"] = "service_account", ["project_id"] = "p-1", ["private_key_id"] = renewed ? "k2" : "k1", ["private_key"] = (renewed ? Renewed : First).ExportPkcs8PrivateKeyPem(),
        ["client_email"] = "muniment@p-1.iam.gserviceaccount.com", ["token_uri"] = root.TrimEnd('/') + "/token",
    }.ToJsonString();

    public override bool IsDelivery(WireRequest request) => request.Path != "/token";

    public void Revoke() => _tokens.Clear();

    protected override WireAnswer Take(WireRequest request)
    {
        if (!IsDelivery(request))
        {
            return Give(request);
        }

        string bearer = request.Header("Authorization") ?? "";
        Must(bearer.StartsWith("Bearer ", StringComparison.Ordinal) && _tokens.Contains(bearer[7..]), 401, "1.17: Bearer with a token of Google", Error(401, "UNAUTHENTICATED"));
        Must(request.Method == "POST" && request.Path == "/v1/projects/p-1/topics/agents:publish" && request.Query.Length == 0, 404, "1.17: POST /v1/projects/{p}/topics/{t}:publish", Error(404, "NOT_FOUND"));
        Must(request.Header("Content-Type") == "application/json", 400, "1.17: Content-Type application/json", Error(400, "INVALID_ARGUMENT"));
        byte[] body = request.Inflated();
        Must(body.Length <= MaxRequestBytes, 400, "1.17: 10 MB a request", Error(400, "INVALID_ARGUMENT"));
        JsonNode? publish = JsonNode.Parse(new UTF8Encoding(false, true).GetString(body));
        Must(publish is JsonObject top && top.All(m => m.Key == "messages") && top["messages"] is JsonArray { Count: > 0 }, 400, "1.17: {\"messages\":[…]}", Error(400, "INVALID_ARGUMENT"));
        JsonArray messages = publish!["messages"]!.AsArray();
        Must(messages.Count <= 1000, 400, "1.17: at most 1000 messages", Error(400, "INVALID_ARGUMENT"));
        List<(string Id, string Json)> read = [];
        foreach (JsonNode? message in messages)
        {
            Must(message!.AsObject().All(m => m.Key is "data" or "attributes" or "orderingKey"), 400, "1.17: data, attributes, orderingKey", Error(400, "INVALID_ARGUMENT"));
            Must(message["attributes"] is JsonObject attributes && attributes.All(a => a.Value is JsonValue value && value.TryGetValue(out string? _)), 400, "1.17: attributes are strings", Error(400, "INVALID_ARGUMENT"));
            byte[]? data = message["data"] is JsonValue encoded && encoded.TryGetValue(out string? text) ? FromBase64(text) : null;
            Must(data is { Length: > 0 }, 400, "1.17: data is base64", Error(400, "INVALID_ARGUMENT"));
            JsonNode document = JsonNode.Parse(data)!;
            string id = document["id"]!.GetValue<string>();
            Must(message["attributes"]!["event_id"]!.GetValue<string>() == id, 400, "the id stands twice and differs");
            read.Add((id, new JsonObject { ["document"] = document, ["orderingKey"] = message["orderingKey"]?.DeepClone() }.ToJsonString()));
        }

        Must(!read.Exists(m => Poison.ContainsKey(m.Id)), 400, "", Error(400, "INVALID_ARGUMENT"));
        JsonArray ids = [];
        foreach ((string id, string json) in read)
        {
            Keep(id, json);
            ids.Add((++_messages).ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        return new WireAnswer(200, new JsonObject { ["messageIds"] = ids }.ToJsonString());
    }

    private static byte[]? FromBase64(string text)
    {
        byte[] data = new byte[text.Length];
        return Convert.TryFromBase64String(text, data, out int length) ? data[..length] : null;
    }

    public static string Error(int code, string status, string? retry = null) => new JsonObject
    {
        ["error"] = new JsonObject
        {
            ["code"] = code, ["message"] = "words of\nGoogle", ["status"] = status,
            ["details"] = retry is null ? new JsonArray() : new JsonArray(new JsonObject { ["@type"] = "type.googleapis.com/google.rpc.RetryInfo", ["retryDelay"] = retry }),
        },
    }.ToJsonString();

    private WireAnswer Give(WireRequest request)
    {
        System.Collections.Specialized.NameValueCollection form = HttpUtility.ParseQueryString(request.Text);
        Must(request.Method == "POST" && form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer", 400, "1.7: grant_type jwt-bearer", """{"error":"unsupported_grant_type"}""");
        string[] parts = (form["assertion"] ?? "").Split('.');
        Must(parts.Length == 3, 400, "1.7: assertion", """{"error":"invalid_grant"}""");
        JsonNode header = JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!;
        JsonNode claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!;
        bool renewed = header["kid"]?.GetValue<string>() == "k2";
        Must(header["alg"]!.GetValue<string>() == "RS256" && (renewed ? Renewed : First).VerifyData(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            400, "1.7: RS256 by the account's key", """{"error":"invalid_grant","error_description":"Invalid JWT Signature."}""");
        Must(claims["scope"]!.GetValue<string>() == "https://www.googleapis.com/auth/pubsub", 400, "1.17: scope pubsub", """{"error":"invalid_scope"}""");
        Must(claims["iss"]!.GetValue<string>().EndsWith("iam.gserviceaccount.com", StringComparison.Ordinal) && claims["aud"]!.GetValue<string>().EndsWith("/token", StringComparison.Ordinal)
            && claims["exp"]!.GetValue<long>() - claims["iat"]!.GetValue<long>() <= 3600 && claims["exp"]!.GetValue<long>() > Time.GetUtcNow().ToUnixTimeSeconds(), 400, "1.7: iss, aud, exp at most an hour", """{"error":"invalid_grant"}""");
        Must(Knows(header["kid"]!.GetValue<string>(), "k1"), 400, "1.7: a key that is known", """{"error":"invalid_grant","error_description":"secret words"}""");
        string token = $"ya29.{++TokensGiven}";
        _tokens.Add(token);
        return new WireAnswer(200, new JsonObject { ["access_token"] = token, ["expires_in"] = 3599, ["token_type"] = "Bearer" }.ToJsonString());
    }
}
