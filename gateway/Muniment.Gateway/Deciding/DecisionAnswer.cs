using System.Collections.Immutable;
using Muniment.Events.Canonical;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Deciding;

/// <summary>The answer of a call that was forwarded, for its record.</summary>
public sealed record DecisionAnswer
{
    /// <summary>The complete verdict on the answer; null when there was no answer to judge (an upstream's error, a client that left).</summary>
    public Verdict? Verdict { get; init; }

    /// <summary><c>allowed|denied|modified|redacted|error</c>; null for the verdict's own.</summary>
    public string? Result { get; init; }

    /// <summary>Why, beside or instead of the verdict's reason: <c>upstream_error</c>, <c>client_aborted</c>, <c>upstream_timeout</c>, …</summary>
    public string? Reason { get; init; }

    /// <summary>Which upstream and model answered.</summary>
    public ModelPart? Model { get; init; }

    /// <summary>The upstream that answered, when it is not the call's target.</summary>
    public string? Target { get; init; }

    /// <summary>What was used; null when nobody knows, then what was reserved counts.</summary>
    public UsagePart? Usage { get; init; }

    /// <summary>What the detectors found in the answer.</summary>
    public Inspection Inspection { get; init; } = Inspection.None;

    /// <summary>Texts of the answer, for digests and evidence; as they came, before anything was replaced.</summary>
    public ImmutableArray<InspectedText> Texts { get; init; } = [];

    /// <summary>Parts of the answer that could not be inspected.</summary>
    public ImmutableArray<UncoveredPart> Uncovered { get; init; } = [];

    /// <summary>What was done to the call and its answer: <c>text_masked</c>, <c>param_capped</c>, <c>rerouted</c>, <c>tool_removed</c>.</summary>
    public ImmutableArray<string> Effects { get; init; } = [];

    /// <summary>How long judging the answer took.</summary>
    public long DurationUs { get; init; }

    /// <summary>Further members of <c>details</c> (JSON values by name): upstream's status and request id, MCP outcome, retries.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Details { get; init; } = [];
}
