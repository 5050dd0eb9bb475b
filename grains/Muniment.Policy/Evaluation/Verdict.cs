using System.Collections.Immutable;
using Muniment.Policy.Documents;

namespace Muniment.Policy.Evaluation;

/// <summary>What the policies say about one request. Immutable.</summary>
public sealed record Verdict
{
    private readonly DecisionFindings findings;

    internal Verdict(DecisionFindings findings) => this.findings = findings;

    /// <summary>The strictest of all that apply. Not the last word while <see cref="Detections"/> are pending.</summary>
    public required PolicyEffect Effect { get; init; }

    /// <summary><c>allowed|denied|modified|redacted</c>, as the record says it.</summary>
    public string Result => Effect.Result();

    /// <summary>The first of the strictest.</summary>
    public required PolicyReference Policy { get; init; }

    /// <summary>The rule's reason; null when it gives none.</summary>
    public string? Reason { get; init; }

    /// <summary>How it came about.</summary>
    public VerdictOutcome Outcome { get; init; }

    /// <summary><c>low|medium|high|critical</c>; null when there is no command and the facts say nothing.</summary>
    public string? Risk { get; init; }

    /// <summary>Which part of the command makes it so, and by which rule.</summary>
    public string? RiskReason { get; init; }

    /// <summary>What every matching <c>modify</c> rule changes. Of no consequence when the request is denied.</summary>
    public PolicyChanges Changes { get; init; } = PolicyChanges.None;

    /// <summary>Rules that wait for detectors; empty when none do, and after <see cref="Complete"/>.</summary>
    public ImmutableArray<PendingDetection> Detections { get; init; } = [];

    /// <summary>Limits that must have room, in shadow ones too. Only for requests.</summary>
    public ImmutableArray<CoveringLimit> Limits { get; init; } = [];

    /// <summary>Settings in force.</summary>
    public PolicySettings Settings { get; init; } = PolicySettings.Usual;

    /// <summary>Every policy that covers the caller, in the order of evaluation.</summary>
    public ImmutableArray<PolicyOutcome> Evaluated { get; init; } = [];

    /// <summary>Whether something must be looked for before the verdict stands.</summary>
    public bool IsPending => !Detections.IsEmpty;

    /// <summary>Detectors whose finds are replaced in the texts: those of pending <c>redact</c> rules of policies that act.</summary>
    public ImmutableArray<DetectorReference> RedactWith => Detections is [{ Mode: PolicyMode.Enforce, Then: PolicyEffect.Redact, Detect: [_] lone }]
        ? lone
        : [.. Detections.Where(d => d is { Mode: PolicyMode.Enforce, Then: PolicyEffect.Redact }).SelectMany(d => d.Detect).Distinct()];

    /// <summary>All detectors that must run: those of <see cref="RedactWith"/>, and those whose finds are only counted.</summary>
    public ImmutableArray<DetectorReference> LookFor => Detections is [{ Detect: [_] lone }] ? lone : [.. Detections.SelectMany(d => d.Detect).Distinct()];

    /// <summary>The verdict once detectors have run on all texts of the request or the answer.</summary>
    public Verdict Complete(Func<DetectorReference, DetectorFinding> detected) => findings.Compose(detected);

    /// <summary>The verdict when a limit that acts has no room: the limit's own effect, unless something at least as strict holds already.</summary>
    public Verdict Exceeded(CoveringLimit limit) => limit.Mode == PolicyMode.Shadow || limit.Limit.Then <= Effect ? this : this with
    {
        Effect = limit.Limit.Then,
        Policy = limit.Policy,
        Reason = limit.Limit.Reason ?? $"limit {limit.Limit.Id} is used up",
        Outcome = VerdictOutcome.Enforced,
    };
}
