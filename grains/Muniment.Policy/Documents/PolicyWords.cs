namespace Muniment.Policy.Documents;

/// <summary>Whether a policy acts or is only evaluated beside those that act.</summary>
public enum PolicyMode : byte
{
    /// <summary>It acts.</summary>
    Enforce,
    /// <summary>It is evaluated and reported, and changes nothing.</summary>
    Shadow,
}

/// <summary>What becomes of a decision when a rule cannot be evaluated.</summary>
public enum FailMode : byte
{
    /// <summary>It is denied.</summary>
    Closed,
    /// <summary>The rule counts as not matching.</summary>
    Open,
}

/// <summary>What is done with what cannot be inspected.</summary>
public enum UncoveredMode : byte
{
    /// <summary>It passes and is recorded.</summary>
    Allow,
    /// <summary>The whole call is denied.</summary>
    Deny,
}

/// <summary>What is done with signed reasoning, which cannot be altered, loosest first.</summary>
public enum ReasoningMode : byte
{
    /// <summary>It passes as it is.</summary>
    Pass,
    /// <summary>It is left out whole when something in it would have to be replaced.</summary>
    Drop,
    /// <summary>The answer is denied when something in it would have to be replaced.</summary>
    Deny,
}

/// <summary>Which contents are kept as sealed copies, fewest first.</summary>
public enum EvidenceMode : byte
{
    /// <summary>None, keyed digests only.</summary>
    None,
    /// <summary>Of calls that a rule matched.</summary>
    Hits,
    /// <summary>Of all calls.</summary>
    All,
}

/// <summary>Whose use a limit counts together.</summary>
public enum LimitSubject : byte
{
    /// <summary>The human behind the caller; a caller without one counts by its key.</summary>
    User,
    /// <summary>The session; without one by the key.</summary>
    Session,
    /// <summary>The project; without one all of the tenant's calls without a project count together.</summary>
    Project,
    /// <summary>The API key.</summary>
    Key,
}

/// <summary>What a limit counts.</summary>
public enum LimitUnit : byte
{
    /// <summary>Tokens of all kinds, in and out.</summary>
    Tokens,
    /// <summary>US dollars.</summary>
    Usd,
    /// <summary>Calls.</summary>
    Calls,
}
