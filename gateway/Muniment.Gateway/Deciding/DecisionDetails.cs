using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Writing;
using Muniment.Events.Keys;
using Muniment.Gateway.Deciding.Prices;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Deciding;

/// <summary>The <c>details</c> of a decision's event that requests and answers share: the policies that were asked, the limits, digests of the texts, and evidence where policies ask for it.</summary>
internal static class DecisionDetails
{
    /// <summary>Writes the members.</summary>
    public static void Write(Utf8JsonWriter json, Decision decision, Verdict verdict, ImmutableArray<InspectedText> texts, ImmutableArray<LimitUse> limits, TenantKeys keys)
    {
        DecisionContext context = decision.Call.Context;
        PartWriter.Text(json, "surface"u8, context.Surface);
        if (context.IsStreamed)
        {
            json.WriteBoolean("stream"u8, true);
        }

        if (decision.Call.Claimed is { Count: > 0 } claimed)
        {
            json.WriteStartObject("claimed"u8);
            foreach ((string name, string value) in claimed.OrderBy(claim => claim.Key, StringComparer.Ordinal))
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        PartWriter.Text(json, "risk_reason"u8, DecisionRecord.Short(verdict.RiskReason, 4 * DecisionRecord.MaxNameLength));
        if (decision.Call.Request.Tool?.Command is { Length: > DecisionRecord.MaxCommandLength } command)
        {
            json.WriteNumber("command_chars"u8, command.Length);
        }

        PartWriter.Text(json, "permission_mode"u8, decision.Call.Request.Mode);
        Policies(json, verdict);
        Limits(json, limits, decision.Call.Estimate.Price);
        ContentDigests.Write(json, texts, keys);
        if (verdict.Settings.Evidence is EvidenceMode.All
            || (verdict.Settings.Evidence is EvidenceMode.Hits && verdict.Evaluated.Any(policy => policy is { Mode: PolicyMode.Enforce, Rules.IsEmpty: false })))
        {
            DecisionEvidence.Write(json, texts);
        }
    }

    private static void Policies(Utf8JsonWriter json, Verdict verdict)
    {
        if (verdict.Evaluated.IsEmpty)
        {
            return;
        }

        json.WriteStartArray("policies"u8);
        foreach (PolicyOutcome policy in verdict.Evaluated)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, policy.Id);
            json.WriteNumber("version"u8, policy.Version);
            json.WriteString("mode"u8, policy.Mode is PolicyMode.Shadow ? "shadow"u8 : "enforce"u8);
            json.WriteString("effect"u8, policy.Effect.Word());
            json.WriteString("outcome"u8, policy.Outcome);
            DecisionRecord.Texts(json, "rules"u8, policy.Rules.AsSpan()[..Math.Min(policy.Rules.Length, DecisionRecord.MaxRules)]);
            if (!policy.Failed.IsEmpty)
            {
                DecisionRecord.Texts(json, "failed"u8, policy.Failed.AsSpan()[..Math.Min(policy.Failed.Length, DecisionRecord.MaxRules)]);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Limits(Utf8JsonWriter json, ImmutableArray<LimitUse> limits, PriceKnowledge price)
    {
        if (limits.IsEmpty)
        {
            return;
        }

        json.WriteStartArray(BudgetKey.ListMember);
        foreach (LimitUse limit in limits)
        {
            json.WriteStartObject();
            json.WriteString("key"u8, limit.Key);
            json.WriteString("unit"u8, limit.Limit.Limit.Unit switch { LimitUnit.Calls => "calls", LimitUnit.Tokens => "tokens", _ => "micro_usd" });
            json.WriteNumber(limit.IsUsed ? "used"u8 : "reserved"u8, limit.Amount);
            if (limit.Limit.Limit.Unit is LimitUnit.Usd && price is not PriceKnowledge.Known)
            {
                json.WriteString("price"u8, "unknown"u8);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
