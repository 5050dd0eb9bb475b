namespace Muniment.Gateway.Upstreams;

/// <summary>An upstream as the gateway uses it. Immutable; a change of it is another instance, so it can be the key of what is kept about it.</summary>
/// <param name="Name">Its name; <c>target</c> of its decisions.</param>
/// <param name="Kind">Its protocol.</param>
/// <param name="BaseUrl">Where it is, without a slash at the end of its path.</param>
/// <param name="Credential">What it is shown; null for none.</param>
public sealed record Upstream(string Name, UpstreamKind Kind, Uri BaseUrl, UpstreamCredential? Credential);
