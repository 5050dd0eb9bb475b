using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Deciding;

/// <summary>The <c>decision</c> part of a decision's event: phase, outcome, effects, what detectors found, what was not looked into, what policies in shadow would have done.</summary>
internal static class DecisionBlock
{
    /// <summary>Writes it.</summary>
    public static void Write(
        Utf8JsonWriter json, Decision decision, string phase, Verdict verdict, Inspection inspection, ImmutableArray<UncoveredPart> uncovered, ImmutableArray<string> effects, long durationUs)
    {
        json.WriteStartObject("decision"u8);
        json.WriteString("id"u8, decision.Id);
        json.WriteString("phase"u8, phase);
        json.WriteString("outcome"u8, OutcomeOf(verdict));
        DecisionRecord.Texts(json, "effects"u8, effects.AsSpan());
        if (inspection.DetectorSet is { } version)
        {
            json.WriteString("detector_set"u8, version);
        }

        json.WriteStartObject("detectors"u8);
        foreach ((string type, int count) in inspection.Counts)
        {
            json.WriteNumber(type, count);
        }

        json.WriteEndObject();
        json.WriteStartArray("fields"u8);
        foreach (FieldFinding field in inspection.Fields.AsSpan()[..Math.Min(inspection.Fields.Length, DecisionRecord.MaxFields)])
        {
            json.WriteStartObject();
            json.WriteString("pointer"u8, RecordPointer.Of(field.Pointer));
            json.WriteString("type"u8, field.Type);
            json.WriteNumber("count"u8, field.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("coverage"u8);
        json.WriteNumber("scanned_bytes"u8, inspection.ScannedBytes);
        json.WriteStartArray("unscanned"u8);
        if (!uncovered.IsEmpty || !inspection.Unscanned.IsEmpty)
        {
            foreach (UncoveredPart part in uncovered.Concat(inspection.Unscanned).Distinct().Take(DecisionRecord.MaxFields))
            {
                json.WriteStartObject();
                json.WriteString("pointer"u8, RecordPointer.Of(part.Pointer));
                json.WriteString("why"u8, part.Why);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("shadow"u8);
        foreach (PolicyOutcome policy in verdict.Evaluated)
        {
            if (policy.Mode is PolicyMode.Shadow)
            {
                json.WriteStartObject();
                json.WriteString("policy"u8, policy.Id);
                json.WriteNumber("version"u8, policy.Version);
                json.WriteString("result"u8, policy.Effect.Result());
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteNumber("duration_us"u8, durationUs);
        json.WriteEndObject();
    }

    /// <summary>What was done to a request that passes.</summary>
    public static ImmutableArray<string> EffectsOf(Decision decision)
    {
        if (!decision.MayPass)
        {
            return [];
        }

        PolicyChanges changes = decision.Verdict.Changes;
        var effects = ImmutableArray.CreateBuilder<string>(4);
        Add(decision.Inspection.IsAltered, "text_masked");
        Add(changes.MaxTokens is not null, "param_capped");
        Add(changes.Model is not null || changes.Upstream is not null, "rerouted");
        Add(!changes.ToolsRemove.IsEmpty, "tool_removed");
        return effects.DrainToImmutable();

        void Add(bool holds, string effect)
        {
            if (holds)
            {
                effects.Add(effect);
            }
        }
    }

    private static string OutcomeOf(Verdict verdict) =>
        !verdict.Evaluated.IsEmpty && verdict.Evaluated.All(policy => policy.Mode is PolicyMode.Shadow) && verdict.Outcome is VerdictOutcome.Enforced ? "shadow" : verdict.Outcome.Word();
}
