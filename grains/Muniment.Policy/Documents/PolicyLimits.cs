namespace Muniment.Policy.Documents;

/// <summary>Limits of one policy document; what lies beyond is refused with an error that names the limit.</summary>
public static class PolicyLimits
{
    /// <summary>Most characters of a document.</summary>
    public const int MaxDocumentLength = 256 * 1024;
    /// <summary>Deepest nesting of maps and lists.</summary>
    public const int MaxDepth = 24;
    /// <summary>Most maps, lists and values, an alias counted with all it stands for.</summary>
    public const int MaxNodes = 20_000;
    /// <summary>Most rules, and most limits.</summary>
    public const int MaxRules = 500;
    /// <summary>Most items of <c>on</c>, <c>detect</c>, <c>fallback</c>, <c>tools_remove</c>.</summary>
    public const int MaxListLength = 200;
    /// <summary>Most characters of an id, a name, an action.</summary>
    public const int MaxNameLength = 128;
    /// <summary>Most characters of a reason.</summary>
    public const int MaxReasonLength = 500;
    /// <summary>Most errors that one answer names.</summary>
    public const int MaxErrors = 20;
    /// <summary>Most regular expressions of all rules together.</summary>
    public const int MaxRegexes = 256;
    /// <summary>Longest window of a limit, in days.</summary>
    public const int MaxWindowDays = 366;
}
