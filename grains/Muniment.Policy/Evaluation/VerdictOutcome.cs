namespace Muniment.Policy.Evaluation;

/// <summary>How a verdict came about, <c>decision.outcome</c>.</summary>
public enum VerdictOutcome : byte
{
    /// <summary>By rules and defaults.</summary>
    Enforced,
    /// <summary>A rule could not be evaluated and counts as not matching.</summary>
    FailOpen,
    /// <summary>A rule could not be evaluated, so it is denied.</summary>
    FailClosed,
    /// <summary>Parts cannot be inspected, so it is denied.</summary>
    NotCovered,
}

/// <summary>Words of <see cref="VerdictOutcome"/>.</summary>
public static class VerdictOutcomes
{
    /// <summary><c>enforced|fail_open|fail_closed|not_covered</c></summary>
    public static string Word(this VerdictOutcome outcome) => outcome switch
    {
        VerdictOutcome.Enforced => "enforced",
        VerdictOutcome.FailOpen => "fail_open",
        VerdictOutcome.FailClosed => "fail_closed",
        _ => "not_covered",
    };
}
