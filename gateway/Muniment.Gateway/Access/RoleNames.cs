using System.Diagnostics.CodeAnalysis;

namespace Muniment.Gateway.Access;

/// <summary>Roles as the contract writes them.</summary>
public static class RoleNames
{
    private static readonly string[] Names = ["ingest", "agent", "analyst", "auditor", "admin", "super_admin"];

    /// <summary>All names, for messages: "expected …".</summary>
    public static string Expected { get; } = string.Join(", ", Names);

    /// <summary>The contract's name.</summary>
    public static string Name(this Role role) => Names[(int)role];

    /// <summary>Reads a name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, out Role role)
    {
        int index = Array.IndexOf(Names, name);
        role = (Role)Math.Max(index, 0);
        return index >= 0;
    }
}
