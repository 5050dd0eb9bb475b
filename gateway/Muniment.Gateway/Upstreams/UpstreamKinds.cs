namespace Muniment.Gateway.Upstreams;

/// <summary>Kinds of upstreams as the contract writes them.</summary>
public static class UpstreamKinds
{
    private static readonly string[] Names = ["openai", "anthropic", "mcp"];

    /// <summary>All names, for messages: "expected …".</summary>
    public static string Expected { get; } = string.Join(", ", Names);

    /// <summary>The contract's name.</summary>
    public static string Name(this UpstreamKind kind) => Names[(int)kind];

    /// <summary>Reads a name.</summary>
    public static bool TryParse(string? name, out UpstreamKind kind)
    {
        int index = Array.IndexOf(Names, name);
        kind = (UpstreamKind)Math.Max(index, 0);
        return index >= 0;
    }
}
