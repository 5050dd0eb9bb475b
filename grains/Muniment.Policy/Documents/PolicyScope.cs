namespace Muniment.Policy.Documents;

/// <summary>Levels of scopes, highest first.</summary>
public enum ScopeLevel : byte
{
    /// <summary>Everyone.</summary>
    Org,
    /// <summary>One project.</summary>
    Project,
    /// <summary>One user.</summary>
    User,
}

/// <summary>Whom a policy covers: <c>org</c>, <c>project:ID</c> or <c>user:ID</c>.</summary>
/// <param name="Level">The level.</param>
/// <param name="Id">Project or user; empty for <c>org</c>.</param>
public readonly record struct PolicyScope(ScopeLevel Level, string Id)
{
    /// <summary>Everyone.</summary>
    public static PolicyScope Org { get; } = new(ScopeLevel.Org, "");

    /// <summary>Ends the sentence "expected …".</summary>
    public const string Expected = "org, project:ID or user:ID";

    /// <summary>Reads a scope; false when it is none.</summary>
    public static bool TryParse(string text, out PolicyScope scope)
    {
        int colon = text.IndexOf(':');
        ScopeLevel? level = (colon < 0 ? text : text[..colon]) switch
        {
            "org" when colon < 0 => ScopeLevel.Org,
            "project" when colon > 0 => ScopeLevel.Project,
            "user" when colon > 0 => ScopeLevel.User,
            _ => null,
        };
        string id = colon < 0 ? "" : text[(colon + 1)..];
        scope = new PolicyScope(level ?? ScopeLevel.Org, id);
        return level is not null && (colon < 0 || id.Length is > 0 and <= PolicyLimits.MaxNameLength) && id.AsSpan().Trim().Length == id.Length;
    }

    /// <summary>Whether it covers a caller. Case is ignored, so that another spelling of an address is no way round a policy.</summary>
    public bool Covers(string? user, string? project) => Level switch
    {
        ScopeLevel.Org => true,
        ScopeLevel.Project => string.Equals(Id, project, StringComparison.OrdinalIgnoreCase),
        _ => string.Equals(Id, user, StringComparison.OrdinalIgnoreCase),
    };

    /// <inheritdoc/>
    public override string ToString() => Level switch { ScopeLevel.Org => "org", ScopeLevel.Project => "project:" + Id, _ => "user:" + Id };
}
