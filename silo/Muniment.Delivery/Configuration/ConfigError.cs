namespace Muniment.Delivery.Configuration;

/// <summary>A field of a destination's configuration that cannot be taken.</summary>
/// <param name="Field">Dotted name, such as <c>credential.token</c>.</param>
/// <param name="Expected">Ends the sentence "expected …".</param>
public sealed record ConfigError(string Field, string Expected);
