namespace Muniment.Delivery.Outcomes;

/// <summary>Codes of the outside contract that say why a destination is not running.</summary>
public static class ReasonCode
{
    /// <summary>No connection, no answer, or no address.</summary>
    public const string Unreachable = "unreachable";
    /// <summary>TLS did not come about.</summary>
    public const string TlsFailed = "tls_failed";
    /// <summary>The other side speaks another protocol (TLS against plain text, HTTP/2 against HTTP/1.1).</summary>
    public const string TransportMismatch = "transport_mismatch";
    /// <summary>401, 403 or the destination's own code for it.</summary>
    public const string CredentialRejected = "credential_rejected";
    /// <summary>Path, option or index is wrong.</summary>
    public const string Misconfigured = "misconfigured";
    /// <summary>429 or the destination's own code for it.</summary>
    public const string RateLimited = "rate_limited";
    /// <summary>5xx, a full queue, or an answer that cannot be read.</summary>
    public const string DestinationError = "destination_error";
    /// <summary>The egress guard refused the address.</summary>
    public const string EgressRefused = "egress_refused";
}
