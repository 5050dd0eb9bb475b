namespace Muniment.Gateway.Deciding;

/// <summary>It cannot be decided, or the decision cannot be recorded, so nothing may pass: 503.</summary>
public sealed class DecidingUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
