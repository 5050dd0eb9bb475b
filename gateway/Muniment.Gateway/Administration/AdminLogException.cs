namespace Muniment.Gateway.Administration;

/// <summary>A change could not be recorded, so it must not be answered as done: 503.</summary>
public sealed class AdminLogException(string detail) : Exception($"the change could not be recorded: {detail}");
