using System.Collections.Immutable;
using System.Net;

namespace Muniment.Egress;

/// <summary>What the guard says of a host and port.</summary>
/// <param name="Status">Allowed, refused or without an address.</param>
/// <param name="Addresses">Allowed: the addresses that were tested and may be connected to.</param>
public sealed record EgressVerdict(EgressStatus Status, ImmutableArray<IPAddress> Addresses);

/// <summary>The three answers of the guard.</summary>
public enum EgressStatus
{
    /// <summary>Every address may be connected to.</summary>
    Allowed,
    /// <summary>At least one address may not. The answer is the same for all reasons, so that it tells nothing about a network.</summary>
    Refused,
    /// <summary>The name has no address.</summary>
    Unresolved,
}
