using System.Collections.Immutable;
using Muniment.Events.Canonical;

namespace Muniment.Policy.Evaluation;

/// <summary>
/// What is to be decided. Immutable; nothing in it may change while it is decided. Fields given here stand before those of <see cref="Facts"/>.
/// </summary>
public sealed record DecisionRequest
{
    /// <summary>One of <see cref="DecisionActions"/>, or any other <c>resource.verb</c>.</summary>
    public required string Action { get; init; }

    /// <summary>
    /// An action besides, of which only the rules that look at the texts are asked: those whose detectors may find something, or whose condition holds because of the texts. Null for none.
    /// </summary>
    public string? TextAction { get; init; }

    /// <summary>Who asks.</summary>
    public DecisionCaller Caller { get; init; } = new();

    /// <summary>The upstream's name, or what else is acted on.</summary>
    public string? Target { get; init; }

    /// <summary>The model that is asked for.</summary>
    public string? Model { get; init; }

    /// <summary><c>fixed|adaptive</c>, or the agent's own name of its permission mode, from which the former follows (<see cref="PermissionModes"/>).</summary>
    public string? Mode { get; init; }

    /// <summary>The tool.</summary>
    public DecisionTool? Tool { get; init; }

    /// <summary>What was inspected, all messages and fields.</summary>
    public ImmutableArray<InspectedText> Texts { get; init; } = [];

    /// <summary>What could not be inspected.</summary>
    public ImmutableArray<UncoveredPart> Uncovered { get; init; } = [];

    /// <summary>Whether it came over a path of a known upstream that the gateway does not understand; nothing of it was inspected then.</summary>
    public bool IsUnknownPath { get; init; }

    /// <summary>Whether a second person has approved this very request: <c>ask</c> then counts as <c>allow</c>.</summary>
    public bool IsApproved { get; init; }

    /// <summary>Now, Unix ns. The only clock there is.</summary>
    public long TimeNs { get; init; }

    /// <summary>Further canonical fields, and for <c>event.ingest</c> the event. It is read, never changed.</summary>
    public CanonicalEvent? Facts { get; init; }

    /// <summary>The same call's answer before any of it is known: which rules of <c>model.respond</c> cover it and which detectors must run on it.</summary>
    public DecisionRequest AsResponse() => this with { Action = DecisionActions.ModelRespond, TextAction = null, Texts = [], Uncovered = [], IsUnknownPath = false };
}
