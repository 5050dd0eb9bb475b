using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Muniment.Delivery.Kinds.OAuth;

/// <summary>A Google service account's key file as a grant: an RS256 assertion (RFC 7523) for one scope.</summary>
internal sealed class ServiceAccount : ITokenGrant
{
    private const string DefaultTokenUri = "https://oauth2.googleapis.com/token";
    private const int LifeSeconds = 3600; // the longest that Google takes
    private const int BackdateSeconds = 10; // a clock that is a little fast must not make a token of the future

    private readonly string _email;
    private readonly string? _keyId;
    private readonly string _keyPem;
    private readonly Uri _tokenUri;
    private readonly string _scope;

    private ServiceAccount(string email, string? keyId, string keyPem, Uri tokenUri, string scope) => (_email, _keyId, _keyPem, _tokenUri, _scope) = (email, keyId, keyPem, tokenUri, scope);

    public Uri Endpoint => _tokenUri;

    public string CredentialField => "credential.service_account";

    /// <summary>A rule's check: null when the text is a key file.</summary>
    public static string? Check(string name, string text) => TryParse(text, "", out _, out string? expected) ? null : expected;

    /// <summary>Reads a key file; on failure <paramref name="expected"/> ends the sentence "expected …" and repeats nothing of the text.</summary>
    public static bool TryParse(string text, string scope, out ServiceAccount? account, out string? expected)
    {
        account = null;
        expected = "the JSON of a service account's key with client_email, private_key and token_uri";
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Object || Member(document, "client_email") is not { Length: > 0 } email || Member(document, "private_key") is not { Length: > 0 } key)
            {
                return false;
            }

            expected = "a token_uri that is an absolute http or https URL";
            if (!Uri.TryCreate(Member(document, "token_uri") ?? DefaultTokenUri, UriKind.Absolute, out Uri? uri) || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp) || uri.UserInfo.Length > 0)
            {
                return false;
            }

            expected = "a private_key that is an RSA key in PEM";
            using (RSA rsa = RSA.Create())
            {
                rsa.ImportFromPem(key);
            }

            account = new ServiceAccount(email, Member(document, "private_key_id"), key, uri, scope);
            expected = null;
            return true;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or CryptographicException or InvalidOperationException)
        {
            return false;
        }
    }

    public HttpRequestMessage Request(DateTimeOffset now) => new(HttpMethod.Post, _tokenUri)
    {
        Content = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "urn:ietf:params:oauth:grant-type:jwt-bearer", ["assertion"] = Assertion(now),
        }),
    };

    private string Assertion(DateTimeOffset now)
    {
        long issued = now.ToUnixTimeSeconds() - BackdateSeconds;
        Dictionary<string, string> header = new() { ["alg"] = "RS256", ["typ"] = "JWT" };
        if (_keyId is not null)
        {
            header["kid"] = _keyId;
        }

        Dictionary<string, object> claims = new() { ["iss"] = _email, ["scope"] = _scope, ["aud"] = _tokenUri.OriginalString, ["iat"] = issued, ["exp"] = issued + LifeSeconds };
        string signed = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(header)) + "." + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims));
        using RSA rsa = RSA.Create();
        rsa.ImportFromPem(_keyPem);
        return signed + "." + Base64Url.EncodeToString(rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private static string? Member(JsonDocument document, string name) =>
        document.RootElement.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
