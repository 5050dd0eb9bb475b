using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm.Forwarding;

/// <summary>Whether a policy has rules on answers whose conditions look at the text.</summary>
internal static class AnswerRules
{
    private static readonly ConditionalWeakTable<PolicyDocument, object> Known = [];
    private static readonly ConditionalWeakTable<PolicyDocument, object> KnownOfTools = [];
    private static readonly object Yes = new();
    private static readonly object No = new();

    /// <summary>Whether it has; remembered as long as the policy is in force.</summary>
    /// <param name="document">The policy.</param>
    /// <param name="ofTools">Whether what a tool answers is asked for: rules on calls of tools look at it too.</param>
    public static bool LookAtText(PolicyDocument document, bool ofTools) => ReferenceEquals(
        ofTools ? KnownOfTools.GetValue(document, static d => Any(d, DecisionActions.ModelRespond, DecisionActions.McpCall, Mcp.McpProxy.Message)) : Known.GetValue(document, static d => Any(d, DecisionActions.ModelRespond)),
        Yes);

    private static object Any(PolicyDocument document, params ReadOnlySpan<string> actions)
    {
        foreach (PolicyRule rule in document.Mode is PolicyMode.Enforce ? document.Rules : [])
        {
            if (rule.When is { } when && (when.SearchesAll || when.Fields.Contains("content")) && Covers(rule, actions))
            {
                return Yes;
            }
        }

        return No;
    }

    private static bool Covers(PolicyRule rule, ReadOnlySpan<string> actions)
    {
        bool covers = rule.On.IsEmpty;
        foreach (string action in actions)
        {
            covers |= rule.On.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, action));
        }

        return covers;
    }
}
