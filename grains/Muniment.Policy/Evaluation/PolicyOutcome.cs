using System.Collections.Immutable;
using Muniment.Policy.Documents;

namespace Muniment.Policy.Evaluation;

/// <summary>What one policy that covers the caller said.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Mode">Whether it acts.</param>
/// <param name="Effect">What it asks for, its default when no rule matched.</param>
/// <param name="Rules">Ids of the rules that matched, in their order.</param>
/// <param name="Failed">Ids of the rules that could not be evaluated.</param>
/// <param name="Outcome"><c>matched|not_matched|shadow_would_allow|shadow_would_modify|…|shadow_would_deny|fail_open|fail_closed|not_covered</c></param>
public sealed record PolicyOutcome(string Id, int Version, PolicyMode Mode, PolicyEffect Effect, ImmutableArray<string> Rules, ImmutableArray<string> Failed, string Outcome);
