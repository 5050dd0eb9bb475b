namespace Muniment.Testing;

/// <summary>One request that a sink took.</summary>
/// <param name="Path">Path and query.</param>
/// <param name="Headers">Headers by lower-case name.</param>
/// <param name="Body">Decoded body.</param>
public sealed record SinkRequest(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>What a sink answers.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">Body.</param>
/// <param name="RetryAfter">Retry-After, or null.</param>
public sealed record SinkAnswer(int Status, string Body = "", string? RetryAfter = null);
