namespace Muniment.Policy.Predicates;

/// <summary>Limits of one predicate; what lies beyond is refused with an error that names the limit.</summary>
public static class PredicateLimits
{
    /// <summary>Most bytes of a document.</summary>
    public const int MaxDocumentBytes = 64 * 1024;
    /// <summary>Deepest nesting of maps and lists.</summary>
    public const int MaxDepth = 16;
    /// <summary>Most maps, lists and values together, also after <c>windash</c> and <c>base64offset</c> have multiplied them.</summary>
    public const int MaxNodes = 4096;
    /// <summary>Most characters of one text value.</summary>
    public const int MaxTextLength = 4096;
    /// <summary>Most characters of one regular expression.</summary>
    public const int MaxRegexLength = 1024;
    /// <summary>Most regular expressions.</summary>
    public const int MaxRegexes = 64;
    /// <summary>Most wildcards in one text value.</summary>
    public const int MaxWildcards = 32;
    /// <summary>Most characters of a condition.</summary>
    public const int MaxConditionLength = 2048;
    /// <summary>Deepest nesting of <c>not</c> and parentheses in a condition.</summary>
    public const int MaxConditionDepth = 32;
}
