namespace Muniment.Delivery.Testing;

/// <summary>One step of a connection test.</summary>
/// <param name="Step"><c>resolve|egress|connect|tls|auth|send|search</c></param>
/// <param name="Ok">Whether it went well.</param>
/// <param name="Ms">How long it took.</param>
/// <param name="Detail">What happened.</param>
/// <param name="Hint">What to do, when it went wrong.</param>
public sealed record TestStep(string Step, bool Ok, double Ms, string? Detail, string? Hint);
