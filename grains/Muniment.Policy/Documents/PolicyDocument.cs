using System.Collections.Immutable;

namespace Muniment.Policy.Documents;

/// <summary>
/// A policy as it was published: read, checked and compiled once by <see cref="PolicyParser"/>, then immutable. What the document does not say is null where
/// saying nothing differs from saying the usual.
/// </summary>
public sealed record PolicyDocument
{
    /// <summary>Whom it covers.</summary>
    public PolicyScope Scope { get; init; } = PolicyScope.Org;

    /// <summary>Whether policies of lower scopes may not be looser.</summary>
    public bool Lock { get; init; }

    /// <summary>Whether it acts.</summary>
    public PolicyMode Mode { get; init; }

    /// <summary>What holds for a request that none of its deciding rules (allow, ask, deny) matched; null when not said, which is <c>allow</c>.</summary>
    public PolicyEffect? Default { get; init; }

    /// <summary>What cannot be inspected; null when not said.</summary>
    public UncoveredMode? Uncovered { get; init; }

    /// <summary>Signed reasoning; null when not said.</summary>
    public ReasoningMode? Reasoning { get; init; }

    /// <summary>Copies of contents; null when not said.</summary>
    public EvidenceMode? Evidence { get; init; }

    /// <summary>Its rules, in the document's order.</summary>
    public ImmutableArray<PolicyRule> Rules { get; init; } = [];

    /// <summary>Its limits, in the document's order.</summary>
    public ImmutableArray<PolicyLimit> Limits { get; init; } = [];

    /// <summary>The content as JSON with sorted members: the same for the same content however it was written. Reading it gives the same document.</summary>
    public string CanonicalJson { get; init; } = "{}";

    /// <summary><c>sha256:</c> and 64 hex digits over <see cref="CanonicalJson"/> in UTF-8.</summary>
    public string Digest { get; init; } = "";
}
