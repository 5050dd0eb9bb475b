using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Writing;
using Muniment.Events.Keys;
using Muniment.Gateway.Deciding.Records;
using Muniment.Gateway.Ingest;
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

    /// <summary>Most bytes of a record whose event is known without reading it; all usual ones are shorter.</summary>
    public const int MaxKnownSizeBytes = 64 * 1024;

    // Asking costs a system call.
    private static readonly string Gateway = Environment.MachineName;

    /// <summary>The verdict on the request.</summary>
    public static void WriteRequest(RecordBuffer buffer, Decision decision, TenantKeys keys, long receivedNs)
    {
        DecisionRequest request = decision.Call.Request;
        CanonicalEvent e = EventOf(decision, decision.StartedNs, receivedNs, request.Action, decision.Verdict, decision.Verdict.Result, decision.Reason);
        e.Model = DecisionParts.Model(request.Facts?.Model?.Provider, request.Model, null);
        Write(buffer, decision, e, json =>
        {
            DecisionBlock.Write(json, decision, "request", decision.Verdict, decision.Inspection, request.Uncovered, DecisionBlock.EffectsOf(decision), decision.DurationUs);
        }, json =>
        {
            DecisionDetails.Write(json, decision, decision.Verdict, request.Texts, decision.Reserved, keys);
            if (decision is { MayPass: true, Call.IsSettledLater: true })
            {
                json.WriteBoolean("answer_follows"u8, true);
                json.WriteString("gateway"u8, Gateway);
            }
        });
    }

    /// <summary>The verdict on the answer.</summary>
    public static void WriteAnswer(RecordBuffer buffer, Decision decision, DecisionAnswer answer, TenantKeys keys, long nowNs)
    {
        Verdict verdict = answer.Verdict ?? decision.Response;
        string result = answer.Result ?? verdict.Result;
        CanonicalEvent e = EventOf(decision, nowNs, nowNs, AnswerOf(decision.Call.Request.Action), verdict, result, answer.Reason ?? verdict.Reason, answer.Target);
        e.Model = DecisionParts.Model(answer.Model?.Provider, decision.Call.Request.Model, answer.Model?.Served);
        e.Usage = answer.Usage;
        Write(buffer, decision, e, json =>
        {
            DecisionBlock.Write(json, decision, "response", verdict, answer.Inspection, answer.Uncovered, answer.Effects, answer.DurationUs);
        }, json =>
        {
            DecisionDetails.Write(json, decision, verdict, answer.Texts, decision.Used, keys);
            foreach ((string name, string value) in answer.Details)
            {
                json.WritePropertyName(name);
                json.WriteRawValue(value);
            }
        });
    }

    /// <summary>The event of a call whose answer was never recorded because the process ended: what was reserved counts as used.</summary>
    public static void WriteInterrupted(RecordBuffer buffer, CanonicalEvent request, string id, long nowNs)
    {
        Utf8JsonWriter json = buffer.Json;
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
        buffer.Finish();
    }

    /// <summary>The action under which an answer is recorded: <c>model.respond</c> of <c>model.invoke</c>, <c>mcp.respond</c> of <c>mcp.call</c>.</summary>
    public static string AnswerOf(string action) => string.Concat(action.AsSpan(0, Math.Max(0, action.IndexOf('.'))), ".respond");

    // The event as a reader will see it, apart from its blocks of JSON.
    private static CanonicalEvent EventOf(
        Decision decision, long timeNs, long receivedNs, string action, Verdict verdict, string result, string? reason, string? target = null)
    {
        DecisionCall call = decision.Call;
        DecisionRequest request = call.Request;
        return new CanonicalEvent
        {
            Id = "",
            Kind = EntryKind.Event,
            Seq = -1,
            TimeNs = timeNs,
            ReceivedNs = receivedNs,
            Stream = "decision",
            Actor = DecisionParts.Actor(call),
            Agent = DecisionParts.Agent(request),
            Action = action,
            Policy = DecisionParts.Policy(verdict.Policy),
            Target = Short(target ?? request.Target),
            Mode = request.Facts?.Mode ?? PermissionModes.Canonical(request.Mode),
            Trace = DecisionParts.Trace(call),
            Result = result,
            Reason = Short(reason, 4 * MaxNameLength),
            Risk = verdict.Risk ?? decision.Verdict.Risk,
            Resource = DecisionParts.Project(request.Caller.Project),
            Approval = DecisionParts.Approval(decision.Approval),
            Tool = DecisionParts.Tool(request.Tool),
        };
    }

    private static void Write(RecordBuffer buffer, Decision decision, CanonicalEvent e, Action<Utf8JsonWriter> block, Action<Utf8JsonWriter> details)
    {
        Utf8JsonWriter json = buffer.Json;
        json.WriteStartObject();
        Span<byte> time = stackalloc byte[Timestamps.SizeBytes];
        json.WriteString("ts"u8, Timestamps.Format(e.TimeNs, time));
        json.WriteString("stream"u8, e.Stream);
        PartWriter.Write(json, e.Actor);
        PartWriter.Write(json, e.Agent);
        json.WriteString("action"u8, e.Action);
        PartWriter.Write(json, e.Policy);
        PartWriter.Text(json, "target"u8, e.Target);
        PartWriter.Text(json, "mode"u8, e.Mode);
        PartWriter.Write(json, e.Trace);
        json.WriteString("result"u8, e.Result);
        PartWriter.Text(json, "reason"u8, e.Reason);
        PartWriter.Text(json, "risk"u8, e.Risk);
        PartWriter.Write(json, e.Resource);
        PartWriter.Write(json, e.Approval);
        PartWriter.Write(json, e.Tool);
        PartWriter.Write(json, e.Model);
        PartWriter.Write(json, e.Usage);
        int start = buffer.Length;
        block(json);
        int end = buffer.Length;
        json.WriteStartObject("details"u8);
        details(json);
        json.WriteEndObject();
        json.WriteEndObject();
        buffer.Finish();
        if (IsKnown(decision, e, buffer.Written.Span))
        {
            ReadOnlyMemory<byte> member = buffer.Written[start..end];
            e.Decision = member[member.Span.IndexOf((byte)'{')..];
            buffer.Event = e;
        }
    }

    // Whether a parser would find in the JSON just what the event says. It refuses texts with NUL, numbers below zero and words that it does not know; what could hold such is left to it.
    private static bool IsKnown(Decision decision, CanonicalEvent e, ReadOnlySpan<byte> json) =>
        decision.Call is { Context.Receiver: Receivers.Llm or Receivers.Mcp, Request: { Facts: null, Mode: null } }
        && e is { Risk: null, Actor.Id.Length: > 0, Usage: null or { Cost: null, Input: null or >= 0, CacheRead: null or >= 0, CacheWrite: null or >= 0, Output: null or >= 0, Reasoning: null or >= 0 } }
        && json.Length <= MaxKnownSizeBytes
        && json.IndexOf("\\u0000"u8) < 0;

    /// <summary>A text cut at a length, and marked as cut.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Short(string? text, int most = MaxNameLength) =>
        text is null || text.Length <= most ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[most - 1]) ? most - 1 : most), "…");

    /// <summary>Writes a list of texts.</summary>
    public static void Texts(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
