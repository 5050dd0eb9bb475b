namespace Muniment.Messages.Tenants;

/// <summary>An upstream as it is kept: where it is, and its credential as a sealed box.</summary>
/// <param name="Name">Name within the tenant; <c>target</c> of its decisions.</param>
/// <param name="Kind"><c>openai</c>, <c>anthropic</c> or <c>mcp</c>.</param>
/// <param name="BaseUrl">Absolute URL.</param>
/// <param name="Credential">The credential's JSON, sealed under the tenant's key; empty for none.</param>
/// <param name="Shown">The credential's JSON with <c>***</c> in place of each secret; null for none.</param>
/// <param name="Fingerprint">Keyed digest of the credential; null for none.</param>
[GenerateSerializer, Immutable, Alias("muniment.tenant.upstream")]
public sealed record UpstreamMessage(
    [property: Id(0)] string Name,
    [property: Id(1)] string Kind,
    [property: Id(2)] string BaseUrl,
    [property: Id(3)] ReadOnlyMemory<byte> Credential,
    [property: Id(4)] string? Shown,
    [property: Id(5)] string? Fingerprint);
