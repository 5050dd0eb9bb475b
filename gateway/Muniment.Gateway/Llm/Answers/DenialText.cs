using Muniment.Gateway.Deciding;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm.Answers;

/// <summary>What a caller is told of a denial: policy, version, the author's own reason and the id to ask about; never the inside of a rule.</summary>
internal static class DenialText
{
    public static string Of(Decision decision) => decision.Reason is "approval_required" or "approval_rejected"
        ? $"{(decision.Reason is "approval_rejected" ? "Rejected by a reviewer" : "A second person must approve this")} ({decision.Reason}): policy {decision.Verdict.Policy.Id} v{decision.Verdict.Policy.Version}. approval={decision.Approval?.Id} decision_id={decision.Id}"
        : Of(decision.Verdict, decision.Id);

    public static string Of(Verdict verdict, string decisionId) =>
        $"Denied by policy {verdict.Policy.Id} v{verdict.Policy.Version}{(string.IsNullOrEmpty(verdict.Reason) ? "" : ": " + verdict.Reason)}. decision_id={decisionId}";
}
