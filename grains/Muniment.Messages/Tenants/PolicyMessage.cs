namespace Muniment.Messages.Tenants;

/// <summary>One version of a policy. Versions are never altered.</summary>
/// <param name="Name">Name within the tenant.</param>
/// <param name="Version">From 1, dense.</param>
/// <param name="Digest"><c>sha256:…</c> of the content; the same content has the same digest whatever its version.</param>
/// <param name="Content">The document as JSON; empty in lists.</param>
/// <param name="CreatedMs">Unix ms.</param>
/// <param name="By">Who made it: the user, else the key.</param>
/// <param name="Source">The document as it was written, YAML or JSON; empty in lists and for gateways.</param>
[GenerateSerializer, Immutable, Alias("muniment.tenant.policy")]
public sealed record PolicyMessage(
    [property: Id(0)] string Name,
    [property: Id(1)] long Version,
    [property: Id(2)] string Digest,
    [property: Id(3)] string Content,
    [property: Id(4)] long CreatedMs,
    [property: Id(5)] string By,
    [property: Id(6)] string Source = "");
