using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Writing;
using Muniment.Events.Keys;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Deciding;

/// <summary>
/// The events of a decision as JSON. Of contents there are only keyed digests, unless the policies ask for evidence; then the texts stand under a name that roles without sight of contents see masked.
/// The same decision gives the same bytes on the same machine.
/// </summary>
internal static class DecisionRecord
{
    /// <summary>Most texts whose digests are listed one by one; the digest over all is always there.</summary>
    public const int MaxDigests = 32;

    /// <summary>Most characters of a command; a longer one is cut, and its length is in <c>details.command_chars</c>.</summary>
    public const int MaxCommandLength = 32 * 1024;

    /// <summary>Most characters of a name, an id or a pointer; longer ones are cut.</summary>
    public const int MaxNameLength = 256;

    /// <summary>Most rules of one policy that are named.</summary>
    public const int MaxRules = 20;

    /// <summary>Most fields that are listed.</summary>
    public const int MaxFields = 200;

    /// <summary>The verdict on the request.</summary>
    public static ReadOnlyMemory<byte> Request(Decision decision, TenantKeys keys)
    {
        DecisionRequest request = decision.Call.Request;
        return Write(decision, decision.StartedNs, request.Action, decision.Verdict, decision.Verdict.Result, decision.Reason, json =>
        {
            PartWriter.Write(json, DecisionParts.Model(request.Facts?.Model?.Provider, request.Model, null));
            DecisionBlock.Write(json, decision, "request", decision.Verdict, decision.Inspection, request.Uncovered, DecisionBlock.EffectsOf(decision), decision.DurationUs);
            json.WriteStartObject("details"u8);
            DecisionDetails.Write(json, decision, decision.Verdict, request.Texts, decision.Reserved, keys);
            if (decision is { MayPass: true, Call.IsSettledLater: true })
            {
                json.WriteBoolean("answer_follows"u8, true);
                json.WriteString("gateway"u8, Environment.MachineName);
            }

            json.WriteEndObject();
        });
    }

    /// <summary>The verdict on the answer.</summary>
    public static ReadOnlyMemory<byte> Answer(Decision decision, DecisionAnswer answer, TenantKeys keys, long nowNs)
    {
        Verdict verdict = answer.Verdict ?? decision.Response;
        string result = answer.Result ?? verdict.Result;
        return Write(decision, nowNs, AnswerOf(decision.Call.Request.Action), verdict, result, answer.Reason ?? verdict.Reason, json =>
        {
            PartWriter.Write(json, DecisionParts.Model(answer.Model?.Provider, decision.Call.Request.Model, answer.Model?.Served));
            PartWriter.Write(json, answer.Usage);
            DecisionBlock.Write(json, decision, "response", verdict, answer.Inspection, answer.Uncovered, answer.Effects, answer.DurationUs);
            json.WriteStartObject("details"u8);
            DecisionDetails.Write(json, decision, verdict, answer.Texts, decision.Used, keys);
            foreach ((string name, string value) in answer.Details)
            {
                json.WritePropertyName(name);
                json.WriteRawValue(value);
            }

            json.WriteEndObject();
        }, answer.Target);
    }

    /// <summary>The event of a call whose answer was never recorded because the process ended: what was reserved counts as used.</summary>
    public static ReadOnlyMemory<byte> Interrupted(CanonicalEvent request, string id, long nowNs)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(output, JsonText.Compact))
        {
            json.WriteStartObject();
            json.WriteString("ts"u8, Timestamps.Format(nowNs));
            json.WriteString("stream"u8, "decision"u8);
            PartWriter.Write(json, request.Actor);
            json.WriteString("action"u8, "decision.interrupted"u8);
            PartWriter.Text(json, "target"u8, request.Target);
            PartWriter.Write(json, request.Policy ?? new PolicyPart());
            PartWriter.Write(json, request.Trace);
            json.WriteString("result"u8, "error"u8);
            json.WriteString("reason"u8, "the process ended before the answer of this call was recorded"u8);
            PartWriter.Write(json, DecisionParts.Project(request.Resource?.Project));
            PartWriter.Write(json, request.Model);
            json.WriteStartObject("decision"u8);
            json.WriteString("id"u8, id);
            json.WriteString("phase"u8, "response"u8);
            json.WriteString("outcome"u8, "interrupted"u8);
            json.WriteEndObject();
            json.WriteStartObject("details"u8);
            json.WriteNumber("request_seq"u8, request.Seq);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    /// <summary>The action under which an answer is recorded: <c>model.respond</c> of <c>model.invoke</c>, <c>mcp.respond</c> of <c>mcp.call</c>.</summary>
    public static string AnswerOf(string action) => string.Concat(action.AsSpan(0, Math.Max(0, action.IndexOf('.'))), ".respond");

    private static ReadOnlyMemory<byte> Write(
        Decision decision, long timeNs, string action, Verdict verdict, string result, string? reason, Action<Utf8JsonWriter> parts, string? target = null)
    {
        DecisionCall call = decision.Call;
        DecisionRequest request = call.Request;
        var output = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(output, JsonText.Compact))
        {
            json.WriteStartObject();
            json.WriteString("ts"u8, Timestamps.Format(timeNs));
            json.WriteString("stream"u8, "decision"u8);
            PartWriter.Write(json, DecisionParts.Actor(call));
            PartWriter.Write(json, DecisionParts.Agent(request));
            json.WriteString("action"u8, action);
            PartWriter.Write(json, DecisionParts.Policy(verdict.Policy));
            PartWriter.Text(json, "target"u8, Short(target ?? request.Target));
            PartWriter.Text(json, "mode"u8, request.Facts?.Mode ?? PermissionModes.Canonical(request.Mode));
            PartWriter.Write(json, DecisionParts.Trace(call));
            json.WriteString("result"u8, result);
            PartWriter.Text(json, "reason"u8, Short(reason, 4 * MaxNameLength));
            PartWriter.Text(json, "risk"u8, verdict.Risk ?? decision.Verdict.Risk);
            PartWriter.Write(json, DecisionParts.Project(request.Caller.Project));
            PartWriter.Write(json, DecisionParts.Approval(decision.Approval));
            PartWriter.Write(json, DecisionParts.Tool(request.Tool));
            parts(json);
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    /// <summary>A text cut at a length, and marked as cut.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Short(string? text, int most = MaxNameLength) =>
        text is null || text.Length <= most ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[most - 1]) ? most - 1 : most), "…");

    /// <summary>Writes a list of texts.</summary>
    public static void Texts(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
