namespace Muniment.Policy.Documents;

/// <summary>What a rule asks for, loosest first: the strictest of all that apply wins.</summary>
public enum PolicyEffect : byte
{
    /// <summary>Let it pass.</summary>
    Allow,
    /// <summary>Let it pass changed.</summary>
    Modify,
    /// <summary>Let it pass with what was detected replaced.</summary>
    Redact,
    /// <summary>Let it pass once a second person has approved it.</summary>
    Ask,
    /// <summary>Do not let it pass.</summary>
    Deny,
}

/// <summary>Words of <see cref="PolicyEffect"/>.</summary>
public static class PolicyEffects
{
    /// <summary><c>allow|modify|redact|ask|deny</c>, as a document writes it.</summary>
    public static string Word(this PolicyEffect effect) => effect switch
    {
        PolicyEffect.Allow => "allow",
        PolicyEffect.Modify => "modify",
        PolicyEffect.Redact => "redact",
        PolicyEffect.Ask => "ask",
        _ => "deny",
    };

    /// <summary><c>allowed|modified|redacted|denied</c>, as an event's <c>result</c> says it; <c>ask</c> is denied until it is approved.</summary>
    public static string Result(this PolicyEffect effect) => effect switch
    {
        PolicyEffect.Allow => "allowed",
        PolicyEffect.Modify => "modified",
        PolicyEffect.Redact => "redacted",
        _ => "denied",
    };
}
