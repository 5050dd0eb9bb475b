namespace Muniment.Delivery.Kinds.OAuth;

/// <summary>How a token is asked for.</summary>
internal interface ITokenGrant
{
    /// <summary>The field that an administrator mends when the authority says no.</summary>
    string CredentialField { get; }

    /// <summary>Where it is asked for.</summary>
    Uri Endpoint { get; }

    /// <summary>The question.</summary>
    HttpRequestMessage Request(DateTimeOffset now);
}
