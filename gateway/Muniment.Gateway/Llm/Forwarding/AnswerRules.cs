using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm.Forwarding;

/// <summary>Whether a policy has rules on answers whose conditions look at the text.</summary>
internal static class AnswerRules
{
    private static readonly ConditionalWeakTable<PolicyDocument, object> Known = [];
    private static readonly object Yes = new();
    private static readonly object No = new();

    /// <summary>Whether it has; remembered as long as the policy is in force.</summary>
    public static bool LookAtText(PolicyDocument document) =>
        ReferenceEquals(Known.GetValue(document, static d => d.Mode is PolicyMode.Enforce && d.Rules.Any(Looks) ? Yes : No), Yes);

    private static bool Looks(PolicyRule rule) =>
        rule.When is { } when && (when.SearchesAll || when.Fields.Contains("content"))
        && (rule.On.IsEmpty || rule.On.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, DecisionActions.ModelRespond)));
}
