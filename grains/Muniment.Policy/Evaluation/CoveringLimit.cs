using Muniment.Policy.Documents;

namespace Muniment.Policy.Evaluation;

/// <summary>A limit that covers a request and must have room before it passes.</summary>
/// <param name="Policy">The limit as the one that decided, should it be used up.</param>
/// <param name="Limit">The limit.</param>
/// <param name="Subject">Whose use counts together, <c>user:…</c>, <c>session:…</c>, <c>project:…</c> or <c>key:…</c>.</param>
/// <param name="Mode">Whether its policy acts; a limit in shadow is counted and reported, and stops nothing.</param>
public sealed record CoveringLimit(PolicyReference Policy, PolicyLimit Limit, string Subject, PolicyMode Mode);
