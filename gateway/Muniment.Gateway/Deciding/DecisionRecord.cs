using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Policy.Documents;
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

    /// <summary>Most bytes of evidence in one event, as JSON; what is beyond is cut and said to be. An event has at most 1 MiB.</summary>
    public const int MaxEvidenceSizeBytes = 256 * 1024;

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
            Model(json, new ModelPart { Provider = request.Facts?.Model?.Provider, Requested = request.Model });
            Block(json, decision, "request", decision.Verdict, decision.Inspection, request.Uncovered, RequestEffects(decision), decision.DurationUs);
            json.WriteStartObject("details"u8);
            Details(json, decision, decision.Verdict, request.Texts, decision.Reserved, keys);
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
            Model(json, new ModelPart { Provider = answer.Model?.Provider, Requested = decision.Call.Request.Model, Served = answer.Model?.Served });
            Usage(json, answer.Usage);
            Block(json, decision, "response", verdict, answer.Inspection, answer.Uncovered, answer.Effects, answer.DurationUs);
            json.WriteStartObject("details"u8);
            Details(json, decision, verdict, answer.Texts, decision.Used, keys);
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
            Actor(json, request.Actor);
            json.WriteString("action"u8, "decision.interrupted"u8);
            Text(json, "target"u8, request.Target);
            Policy(json, request.Policy?.Id, request.Policy?.Version, request.Policy?.Digest, request.Policy?.Rule);
            Trace(json, request.Trace);
            json.WriteString("result"u8, "error"u8);
            json.WriteString("reason"u8, "the process ended before the answer of this call was recorded"u8);
            Project(json, request.Resource?.Project);
            Model(json, request.Model);
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
            Actor(json, Who(call));
            Agent(json, request);
            json.WriteString("action"u8, action);
            Policy(json, verdict.Policy.Id, verdict.Policy.Version, verdict.Policy.Digest, verdict.Policy.Rule);
            Text(json, "target"u8, Short(target ?? request.Target));
            Text(json, "mode"u8, request.Facts?.Mode ?? PermissionModes.Canonical(request.Mode));
            Trace(json, new TracePart
            {
                TraceId = call.Context.TraceId, SpanId = call.Context.SpanId, Session = Short(request.Caller.Session), Turn = Short(request.Facts?.Trace?.Turn),
                Correlation = call.Context.Correlation, Request = call.Context.RequestId,
            });
            json.WriteString("result"u8, result);
            Text(json, "reason"u8, Short(reason, 4 * MaxNameLength));
            Text(json, "risk"u8, verdict.Risk ?? decision.Verdict.Risk);
            Project(json, request.Caller.Project);
            Approval(json, decision.Approval);
            Tool(json, request.Tool);
            parts(json);
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    private static ActorPart Who(DecisionCall call)
    {
        DecisionCaller caller = call.Request.Caller;
        return caller.ActorId is { } id
            ? new ActorPart { Id = id, Type = caller.ActorType ?? "service", User = caller.User }
            : caller.User is { } user ? new ActorPart { Id = user, Type = "user" } : new ActorPart { Id = call.Caller.KeyId, Type = "key" };
    }

    private static void Block(
        Utf8JsonWriter json, Decision decision, string phase, Verdict verdict, Inspection inspection, ImmutableArray<UncoveredPart> uncovered, ImmutableArray<string> effects, long durationUs)
    {
        json.WriteStartObject("decision"u8);
        json.WriteString("id"u8, decision.Id);
        json.WriteString("phase"u8, phase);
        json.WriteString("outcome"u8, OutcomeOf(verdict));
        Texts(json, "effects"u8, effects);
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
        foreach (FieldFinding field in inspection.Fields.Take(MaxFields))
        {
            json.WriteStartObject();
            json.WriteString("pointer"u8, Short(field.Pointer));
            json.WriteString("type"u8, field.Type);
            json.WriteNumber("count"u8, field.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("coverage"u8);
        json.WriteNumber("scanned_bytes"u8, inspection.ScannedBytes);
        json.WriteStartArray("unscanned"u8);
        foreach (UncoveredPart part in uncovered.Concat(inspection.Unscanned).Distinct().Take(MaxFields))
        {
            json.WriteStartObject();
            json.WriteString("pointer"u8, Short(part.Pointer));
            json.WriteString("why"u8, part.Why);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("shadow"u8);
        foreach (PolicyOutcome policy in verdict.Evaluated.Where(policy => policy.Mode is PolicyMode.Shadow))
        {
            json.WriteStartObject();
            json.WriteString("policy"u8, policy.Id);
            json.WriteNumber("version"u8, policy.Version);
            json.WriteString("result"u8, policy.Effect.Result());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("duration_us"u8, durationUs);
        json.WriteEndObject();
    }

    private static string OutcomeOf(Verdict verdict) =>
        !verdict.Evaluated.IsEmpty && verdict.Evaluated.All(policy => policy.Mode is PolicyMode.Shadow) && verdict.Outcome is VerdictOutcome.Enforced ? "shadow" : verdict.Outcome.Word();

    private static ImmutableArray<string> RequestEffects(Decision decision)
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

    private static void Details(Utf8JsonWriter json, Decision decision, Verdict verdict, ImmutableArray<InspectedText> texts, ImmutableArray<LimitUse> limits, TenantKeys keys)
    {
        DecisionContext context = decision.Call.Context;
        Text(json, "surface"u8, context.Surface);
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

        Text(json, "risk_reason"u8, Short(verdict.RiskReason, 4 * MaxNameLength));
        if (decision.Call.Request.Tool?.Command is { Length: > MaxCommandLength } command)
        {
            json.WriteNumber("command_chars"u8, command.Length);
        }

        Text(json, "permission_mode"u8, decision.Call.Request.Mode);
        Policies(json, verdict);
        Limits(json, limits);
        ContentDigests.Write(json, texts, keys);
        if (verdict.Settings.Evidence is EvidenceMode.All
            || (verdict.Settings.Evidence is EvidenceMode.Hits && verdict.Evaluated.Any(policy => policy is { Mode: PolicyMode.Enforce, Rules.IsEmpty: false })))
        {
            Evidence(json, texts);
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
            Texts(json, "rules"u8, [.. policy.Rules.Take(MaxRules)]);
            if (!policy.Failed.IsEmpty)
            {
                Texts(json, "failed"u8, [.. policy.Failed.Take(MaxRules)]);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Limits(Utf8JsonWriter json, ImmutableArray<LimitUse> limits)
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
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Evidence(Utf8JsonWriter json, ImmutableArray<InspectedText> texts)
    {
        int left = MaxEvidenceSizeBytes;
        bool cut = false;
        json.WriteStartObject("evidence"u8);
        json.WriteStartArray("content"u8);
        foreach (InspectedText text in texts)
        {
            string pointer = Short(text.Pointer)!;
            left -= Escaped(pointer, pointer.Length, out _) + 64;
            Escaped(text.Text, Math.Max(0, left), out int take);
            cut |= take < text.Text.Length;
            if (left <= 0)
            {
                break;
            }

            take = take > 0 && take < text.Text.Length && char.IsHighSurrogate(text.Text[take - 1]) ? take - 1 : take;
            json.WriteStartObject();
            json.WriteString("pointer"u8, pointer);
            json.WriteString("role"u8, text.Role);
            json.WriteString("text"u8, text.Text.AsSpan(0, take));
            json.WriteEndObject();
            left -= Escaped(text.Text, left, out _);
        }

        json.WriteEndArray();
        if (cut || left <= 0)
        {
            json.WriteBoolean("cut"u8, true);
        }

        json.WriteEndObject();
    }

    // At most how many bytes a text takes in JSON, up to a limit, and how many of its characters that are.
    private static int Escaped(string text, int most, out int chars)
    {
        int size = 0;
        for (chars = 0; chars < text.Length; chars++)
        {
            char c = text[chars];
            int one = c < ' ' || c == '\u007f' ? 6 : c is '"' or '\\' ? 2 : c < '\u0080' ? 1 : 6;
            if (size + one > most)
            {
                break;
            }

            size += one;
        }

        return size;
    }

    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    internal static string? Short(string? text, int most = MaxNameLength) =>
        text is null || text.Length <= most ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[most - 1]) ? most - 1 : most), "…");

    private static void Actor(Utf8JsonWriter json, ActorPart actor)
    {
        json.WriteStartObject("actor"u8);
        Text(json, "id"u8, actor.Id);
        Text(json, "type"u8, actor.Type);
        Text(json, "user"u8, actor.User);
        json.WriteEndObject();
    }

    private static void Agent(Utf8JsonWriter json, DecisionRequest request)
    {
        AgentPart? agent = request.Facts?.Agent;
        if ((request.Caller.Agent ?? agent?.Kind) is null)
        {
            return;
        }

        json.WriteStartObject("agent"u8);
        Text(json, "kind"u8, request.Caller.Agent ?? agent?.Kind);
        Text(json, "version"u8, agent?.Version);
        Text(json, "surface"u8, agent?.Surface);
        Text(json, "instance"u8, agent?.Instance);
        json.WriteEndObject();
    }

    private static void Policy(Utf8JsonWriter json, string? id, long? version, string? digest, string? rule)
    {
        json.WriteStartObject("policy"u8);
        Text(json, "id"u8, id);
        if (version is { } number)
        {
            json.WriteNumber("version"u8, number);
        }

        Text(json, "digest"u8, string.IsNullOrEmpty(digest) ? null : digest);
        Text(json, "rule"u8, rule);
        json.WriteEndObject();
    }

    private static void Trace(Utf8JsonWriter json, TracePart? trace)
    {
        if (trace is null or { TraceId: null, SpanId: null, Session: null, Turn: null, Correlation: null, Request: null })
        {
            return;
        }

        json.WriteStartObject("trace"u8);
        Text(json, "trace_id"u8, trace.TraceId);
        Text(json, "span_id"u8, trace.SpanId);
        Text(json, "session"u8, trace.Session);
        Text(json, "turn"u8, trace.Turn);
        Text(json, "correlation"u8, trace.Correlation);
        Text(json, "request"u8, trace.Request);
        json.WriteEndObject();
    }

    private static void Project(Utf8JsonWriter json, string? project)
    {
        if (project is not null)
        {
            json.WriteStartObject("resource"u8);
            json.WriteString("project"u8, project);
            json.WriteEndObject();
        }
    }

    private static void Approval(Utf8JsonWriter json, DecisionApproval? approval)
    {
        if (approval is null)
        {
            return;
        }

        json.WriteStartObject("approval"u8);
        Text(json, "by"u8, approval.By);
        Text(json, "at"u8, approval.AtMs == 0 ? null : Timestamps.Format(approval.AtMs * 1_000_000));
        json.WriteString("source"u8, "policy"u8);
        json.WriteString("request"u8, approval.Id);
        json.WriteEndObject();
    }

    private static void Tool(Utf8JsonWriter json, DecisionTool? tool)
    {
        if (tool is null)
        {
            return;
        }

        json.WriteStartObject("tool"u8);
        Text(json, "name"u8, Short(tool.Name));
        Text(json, "namespace"u8, tool.Namespace);
        Text(json, "server"u8, Short(tool.Server));
        Text(json, "command"u8, Short(tool.Command, MaxCommandLength));
        json.WriteEndObject();
    }

    private static void Model(Utf8JsonWriter json, ModelPart? model)
    {
        if (model is null or { Provider: null, Requested: null, Served: null })
        {
            return;
        }

        json.WriteStartObject("model"u8);
        Text(json, "provider"u8, model.Provider);
        Text(json, "requested"u8, Short(model.Requested));
        Text(json, "served"u8, Short(model.Served));
        json.WriteEndObject();
    }

    private static void Usage(Utf8JsonWriter json, UsagePart? usage)
    {
        if (usage is null)
        {
            return;
        }

        json.WriteStartObject("usage"u8);
        Number(json, "input"u8, usage.Input);
        Number(json, "cache_read"u8, usage.CacheRead);
        Number(json, "cache_write"u8, usage.CacheWrite);
        Number(json, "output"u8, usage.Output);
        Number(json, "reasoning"u8, usage.Reasoning);
        if (usage.Cost is { } cost)
        {
            json.WriteStartObject("cost"u8);
            Text(json, "amount"u8, cost.Amount);
            Text(json, "unit"u8, cost.Unit);
            Text(json, "source"u8, cost.Source);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void Texts(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
