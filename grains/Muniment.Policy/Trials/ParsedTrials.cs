using System.Collections.Immutable;
using Muniment.Policy.Documents;

namespace Muniment.Policy.Trials;

/// <summary>Cases that were read, or what is wrong with them.</summary>
/// <param name="Trials">The cases.</param>
/// <param name="Errors">What is wrong.</param>
public sealed record ParsedTrials(ImmutableArray<PolicyTrial> Trials, ImmutableArray<PolicyError> Errors);
