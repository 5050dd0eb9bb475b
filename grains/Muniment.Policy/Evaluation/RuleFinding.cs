using Muniment.Policy.Predicates.Matching;

namespace Muniment.Policy.Evaluation;

/// <summary>A rule whose condition holds, or could not be evaluated. Rules whose condition does not hold are not kept.</summary>
internal readonly record struct RuleFinding(CompiledRule Rule, Truth When);

/// <summary>One policy's rules that are not out of question.</summary>
internal readonly record struct PolicyFindings(CompiledPolicy Policy, RuleFinding[] Rules);
