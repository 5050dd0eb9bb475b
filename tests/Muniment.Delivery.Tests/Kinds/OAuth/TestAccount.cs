using System.Buffers.Text;
using System.Collections.Specialized;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;

namespace Muniment.Delivery.Tests.Kinds.OAuth;

/// <summary>A service account of the tests' own, and Google's side of it: what its token endpoint checks of an assertion.</summary>
internal sealed class TestAccount(string email)
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, RSA> Keys = new(); // made once: keys are slow to make

    private readonly RSA _rsa = Keys.GetOrAdd(email, _ => RSA.Create(2048));

    public string Email { get; } = email;

    /// <summary>The key file.</summary>
    public JsonObject File(string tokenUri) => new()
    {
        ["type"] = "service_account", ["project_id"] = "p", ["private_key_id"] = "k1", ["private_key"] = _rsa.ExportPkcs8PrivateKeyPem(), ["client_email"] = Email, ["token_uri"] = tokenUri,
    };

    /// <summary>Null when the form is a good grant for this account, else what is wrong.</summary>
    public string? Wrong(string form, string scope, DateTimeOffset now)
    {
        NameValueCollection fields = HttpUtility.ParseQueryString(form);
        if (fields["grant_type"] != "urn:ietf:params:oauth:grant-type:jwt-bearer" || fields["assertion"]?.Split('.') is not [string header, string claims, string signature])
        {
            return "grant_type jwt-bearer with an assertion";
        }

        JsonNode head = JsonNode.Parse(Base64Url.DecodeFromChars(header))!;
        JsonNode said = JsonNode.Parse(Base64Url.DecodeFromChars(claims))!;
        long issued = said["iat"]!.GetValue<long>();
        long end = said["exp"]!.GetValue<long>();
        return head["alg"]!.GetValue<string>() != "RS256" || head["kid"]!.GetValue<string>() != "k1" ? "RS256 by this key"
            : said["iss"]!.GetValue<string>() != Email ? "iss is client_email"
            : said["scope"]!.GetValue<string>() != scope ? "scope " + scope
            : !said["aud"]!.GetValue<string>().EndsWith("/token", StringComparison.Ordinal) ? "aud is token_uri"
            : issued > now.ToUnixTimeSeconds() || end - issued > 3600 || end <= now.ToUnixTimeSeconds() ? "iat and exp, an hour at most"
            : !_rsa.VerifyData(Encoding.ASCII.GetBytes(header + "." + claims), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) ? "the signature"
            : null;
    }
}
