namespace Muniment.Delivery.Kinds.OAuth;

/// <summary>RFC 6749, 4.4, with the secret in the form as Entra wants it.</summary>
internal sealed class ClientCredentials(Uri endpoint, string clientId, string clientSecret, string scope) : ITokenGrant
{
    public Uri Endpoint => endpoint;

    public string CredentialField => "credential.client_secret";

    public HttpRequestMessage Request(DateTimeOffset now) => new(HttpMethod.Post, endpoint)
    {
        Content = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials", ["client_id"] = clientId, ["client_secret"] = clientSecret, ["scope"] = scope,
        }),
    };
}
