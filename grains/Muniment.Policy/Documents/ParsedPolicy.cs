using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Muniment.Policy.Predicates;

namespace Muniment.Policy.Documents;

/// <summary>A policy that was read, or everything that is wrong with it.</summary>
public sealed record ParsedPolicy
{
    /// <summary>The policy; null when there are errors.</summary>
    public PolicyDocument? Document { get; init; }

    /// <summary>What is wrong, in the document's order, at most <see cref="PolicyLimits.MaxErrors"/>.</summary>
    public ImmutableArray<PolicyError> Errors { get; init; } = [];

    /// <summary>The member <c>tests</c>, which is for <c>policy test</c> and no part of the content; null when there is none.</summary>
    public RuleNode? Tests { get; init; }

    /// <summary>Whether there is a policy.</summary>
    [MemberNotNullWhen(true, nameof(Document))]
    public bool IsOk => Document is not null;
}
