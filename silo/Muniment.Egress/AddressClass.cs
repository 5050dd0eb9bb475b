namespace Muniment.Egress;

/// <summary>What an address is to an outbound call.</summary>
public enum AddressClass
{
    /// <summary>Reachable by anyone; needs no rule (over TLS).</summary>
    Public,
    /// <summary>Private, loopback, link-local, reserved or a tunnel of those: only with an operator's rule.</summary>
    Reserved,
    /// <summary>Metadata service, unspecified, multicast, broadcast: never, whatever the rules say.</summary>
    Forbidden,
}
