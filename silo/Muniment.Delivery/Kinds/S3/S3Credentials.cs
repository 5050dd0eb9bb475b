using System.Globalization;
using System.Xml;
using Amazon.Runtime;
using Muniment.Delivery.Outcomes;
using Muniment.Egress;

namespace Muniment.Delivery.Kinds.S3;

/// <summary>
/// The keys of a destination: its own, or where the operator allows it the process's: environment variables, else a web identity (<c>AWS_WEB_IDENTITY_TOKEN_FILE</c> and
/// <c>AWS_ROLE_ARN</c>, as in Kubernetes) changed into keys at STS, through the egress guard. Metadata services are not asked: the guard refuses their addresses for everyone.
/// </summary>
internal sealed class S3Credentials(SenderContext context, Func<string, string?> environment)
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private AWSCredentials? _temporary;
    private DateTimeOffset _until;

    public bool IsAmbient { get; } = context.Secrets.Find("credential.ambient") == "true";

    /// <summary>The keys, or why there are none; and whether they were kept from an earlier call, so that new ones may be had after <see cref="Forget"/>.</summary>
    public async Task<(AWSCredentials? Keys, DeliveryOutcome? Trouble, bool Kept)> GetAsync(CancellationToken cancellationToken)
    {
        if (IsAmbient && context.MayUseAmbient && _temporary is { } kept && context.Time.GetUtcNow() < _until)
        {
            return (kept, null, true);
        }

        (AWSCredentials? keys, DeliveryOutcome? trouble) = await FindAsync(cancellationToken).ConfigureAwait(false);
        return (keys, trouble, false);
    }

    /// <summary>They were refused as expired.</summary>
    public void Forget() => _temporary = null;

    private async Task<(AWSCredentials? Keys, DeliveryOutcome? Trouble)> FindAsync(CancellationToken cancellationToken)
    {
        if (!IsAmbient)
        {
            return context.Secrets.Find("credential.access_key_id") is { } id && context.Secrets.Find("credential.secret_access_key") is { } secret
                ? (Keys(id, secret, context.Secrets.Find("credential.session_token")), null)
                : (null, Missing("there is no credential", "give credential.access_key_id and secret_access_key"));
        }

        if (!context.MayUseAmbient)
        {
            return (null, Missing("this tenant may not use the process's own credential", "name it in Delivery:AmbientTenants, or give keys"));
        }

        if (environment("AWS_ACCESS_KEY_ID") is { Length: > 0 } key && environment("AWS_SECRET_ACCESS_KEY") is { Length: > 0 } own)
        {
            return (Keys(key, own, environment("AWS_SESSION_TOKEN")), null);
        }

        return environment("AWS_WEB_IDENTITY_TOKEN_FILE") is { Length: > 0 } file && environment("AWS_ROLE_ARN") is { Length: > 0 } role
            ? await AssumeAsync(file, role, cancellationToken).ConfigureAwait(false)
            : (null, Missing("the process has no credential", "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN; metadata services are not asked"));
    }

    private async Task<(AWSCredentials?, DeliveryOutcome?)> AssumeAsync(string file, string role, CancellationToken cancellationToken)
    {
        string token;
        try
        {
            token = await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, DeliveryOutcome.RetryLater(ReasonCode.CredentialRejected, "the web identity's token file cannot be read", "check AWS_WEB_IDENTITY_TOKEN_FILE"));
        }

        Uri endpoint = new(environment("AWS_ENDPOINT_URL_STS") ?? $"https://sts.{S3Kind.Region(context.Config)}.amazonaws.com/");
        using HttpRequestMessage request = new(HttpMethod.Post, endpoint)
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["Action"] = "AssumeRoleWithWebIdentity", ["Version"] = "2011-06-15", ["RoleArn"] = role, ["RoleSessionName"] = environment("AWS_ROLE_SESSION_NAME") ?? "muniment", ["WebIdentityToken"] = token.Trim(),
            }),
        };
        using HttpClient client = context.CreateLoginClient(endpoint); // once in the life of the keys
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        byte[] body = await EgressHttp.ReadBodyAsync(response, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            DeliveryOutcome said = HttpOutcome.OfStatus(response, context.Time.GetUtcNow());
            return (null, said.Kind is OutcomeKind.RetryLater ? said : DeliveryOutcome.CredentialRejected($"STS answered HTTP {(int)response.StatusCode}", "check AWS_ROLE_ARN and the role's trust", (int)response.StatusCode));
        }

        Dictionary<string, string> found = Read(body);
        if (found.GetValueOrDefault("AccessKeyId") is not { } id || found.GetValueOrDefault("SecretAccessKey") is not { } secret || found.GetValueOrDefault("SessionToken") is not { } session
            || !DateTimeOffset.TryParse(found.GetValueOrDefault("Expiration"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset until))
        {
            return (null, Missing("STS answered without keys", "check AWS_ENDPOINT_URL_STS"));
        }

        _until = until - Margin;
        return (_temporary = Keys(id, secret, session), null);
    }

    private static Dictionary<string, string> Read(byte[] body)
    {
        Dictionary<string, string> found = [];
        try
        {
            using XmlReader reader = XmlReader.Create(new MemoryStream(body), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            string name = "";
            while (reader.Read())
            {
                name = reader.NodeType == XmlNodeType.Element ? reader.LocalName : name;
                if (reader.NodeType == XmlNodeType.Text)
                {
                    found.TryAdd(name, reader.Value);
                }
            }
        }
        catch (XmlException)
        {
            found.Clear();
        }

        return found;
    }

    private static AWSCredentials Keys(string id, string secret, string? session) => session is { Length: > 0 } ? new SessionAWSCredentials(id, secret, session) : new BasicAWSCredentials(id, secret);

    private static DeliveryOutcome Missing(string message, string hint) => DeliveryOutcome.CredentialRejected(message, hint);
}
