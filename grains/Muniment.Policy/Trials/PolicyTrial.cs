using Muniment.Policy.Evaluation;

namespace Muniment.Policy.Trials;

/// <summary>One case of <c>policy test</c>: a request and what must come of it.</summary>
/// <param name="Name">Its name, <c>case N</c> when it has none.</param>
/// <param name="Line">Where it stands.</param>
/// <param name="Request">The request.</param>
/// <param name="Expected">What must come of it; null members are not looked at.</param>
public sealed record PolicyTrial(string Name, int Line, DecisionRequest Request, TrialExpectation Expected);

/// <summary>What must come of a request; null is not looked at.</summary>
public sealed record TrialExpectation
{
    /// <summary><c>allow|modify|redact|ask|deny</c></summary>
    public string? Result { get; init; }

    /// <summary>The rule, by its id or as <c>policy/rule</c>.</summary>
    public string? Rule { get; init; }

    /// <summary>The policy.</summary>
    public string? Policy { get; init; }

    /// <summary><c>low|medium|high|critical</c></summary>
    public string? Risk { get; init; }

    /// <summary><c>enforced|fail_open|fail_closed|not_covered</c></summary>
    public string? Outcome { get; init; }

    /// <summary>A part of the reason.</summary>
    public string? Reason { get; init; }

    /// <summary>The text of <c>content</c> after redaction; several are joined by line breaks.</summary>
    public string? Content { get; init; }

    /// <summary>Most tokens after every change.</summary>
    public long? MaxTokens { get; init; }

    /// <summary>The model after every change.</summary>
    public string? Model { get; init; }

    /// <summary>The upstream after every change.</summary>
    public string? Upstream { get; init; }

    /// <summary>What each shadow policy must say, by its name: <c>allow|modify|redact|ask|deny</c>.</summary>
    public IReadOnlyDictionary<string, string> Shadow { get; init; } = new Dictionary<string, string>();
}
