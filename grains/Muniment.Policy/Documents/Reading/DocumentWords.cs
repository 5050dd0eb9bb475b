namespace Muniment.Policy.Documents.Reading;

/// <summary>The closed sets of words of a document.</summary>
internal static class DocumentWords
{
    public static readonly (string Word, PolicyMode Value)[] Modes = [("enforce", PolicyMode.Enforce), ("shadow", PolicyMode.Shadow)];
    public static readonly (string Word, PolicyEffect Value)[] Defaults = [("allow", PolicyEffect.Allow), ("ask", PolicyEffect.Ask), ("deny", PolicyEffect.Deny)];
    public static readonly (string Word, UncoveredMode Value)[] Uncovered = [("deny", UncoveredMode.Deny), ("allow", UncoveredMode.Allow)];
    public static readonly (string Word, ReasoningMode Value)[] Reasoning = [("drop", ReasoningMode.Drop), ("pass", ReasoningMode.Pass), ("deny", ReasoningMode.Deny)];
    public static readonly (string Word, EvidenceMode Value)[] Evidence = [("none", EvidenceMode.None), ("hits", EvidenceMode.Hits), ("all", EvidenceMode.All)];
    public static readonly (string Word, FailMode Value)[] Fails = [("closed", FailMode.Closed), ("open", FailMode.Open)];
    public static readonly (string Word, PolicyEffect Value)[] LimitEffects = [("deny", PolicyEffect.Deny), ("ask", PolicyEffect.Ask)];

    public static readonly (string Word, PolicyEffect Value)[] Effects =
        [("allow", PolicyEffect.Allow), ("deny", PolicyEffect.Deny), ("modify", PolicyEffect.Modify), ("redact", PolicyEffect.Redact), ("ask", PolicyEffect.Ask)];

    public static readonly (string Word, LimitSubject Value)[] Subjects =
        [("user", LimitSubject.User), ("session", LimitSubject.Session), ("project", LimitSubject.Project), ("key", LimitSubject.Key)];

    public static readonly (string Word, LimitUnit Value)[] Units = [("tokens", LimitUnit.Tokens), ("usd", LimitUnit.Usd), ("calls", LimitUnit.Calls)];
}
