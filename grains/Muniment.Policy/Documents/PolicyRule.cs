using System.Collections.Immutable;
using Muniment.Policy.Predicates;

namespace Muniment.Policy.Documents;

/// <summary>One rule of a policy.</summary>
public sealed record PolicyRule
{
    /// <summary>Its id, unique among the document's rules and limits.</summary>
    public required string Id { get; init; }

    /// <summary>Actions, with <c>*</c> and <c>?</c> as wildcards; empty for every action but <c>event.ingest</c>.</summary>
    public ImmutableArray<string> On { get; init; } = [];

    /// <summary>The condition; null when there is none.</summary>
    public Predicate? When { get; init; }

    /// <summary>What it asks for.</summary>
    public required PolicyEffect Then { get; init; }

    /// <summary>Detectors of which at least one must find something; empty when the rule does not look for any.</summary>
    public ImmutableArray<DetectorReference> Detect { get; init; } = [];

    /// <summary>What follows when it cannot be evaluated.</summary>
    public FailMode Fail { get; init; }

    /// <summary>Whether the document says so itself.</summary>
    public bool StatesFail { get; init; }

    /// <summary>Why, for the record and the caller.</summary>
    public string? Reason { get; init; }

    /// <summary>What <c>modify</c> changes.</summary>
    public PolicyChanges Set { get; init; } = PolicyChanges.None;
}

/// <summary>A detector by name, or one of the document's own.</summary>
/// <param name="Name">Such as <c>email</c> or <c>secrets</c>, or the own detector's id.</param>
/// <param name="Pattern">The own detector's regular expression; null for a name.</param>
public readonly record struct DetectorReference(string Name, string? Pattern = null);
