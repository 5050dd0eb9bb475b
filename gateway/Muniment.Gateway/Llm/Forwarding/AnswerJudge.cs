using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Gateway.Deciding;
using Muniment.Gateway.Deciding.Prices;
using Muniment.Gateway.Llm.Redaction;
using Muniment.Gateway.Policies;
using Muniment.Gateway.Upstreams;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm.Forwarding;

/// <summary>Judges answers and has them recorded.</summary>
internal sealed class AnswerJudge(DecidingCache policies, IDecisionLog log, PriceTable prices, TimeProvider time)
{
    /// <summary>Prepares for the answer: which detectors run, and whether all of it is needed before a byte may leave.</summary>
    public async ValueTask PrepareAsync(LlmCall call)
    {
        Verdict response = call.Decision.Response;
        call.Scrubber = response.IsPending ? new PolicyScrubber(response) : NoScrubber.Instance;
        call.AnswerVerdict = response;
        call.JudgesWhole = response.Effect >= PolicyEffect.Ask
            || response.Evaluated.Any(policy => !policy.Failed.IsEmpty)
            || response.Detections.Any(detection => detection is { Mode: PolicyMode.Enforce, Then: PolicyEffect.Ask or PolicyEffect.Deny });
        if (call.Mcp is not null)
        {
            await PrepareMcpAsync(call);
        }

        if (!call.JudgesWhole && !response.Evaluated.IsEmpty)
        {
            // A rule that looks at the text itself cannot be asked before the text is there.
            DecidingView view = await policies.FindAsync(call.Caller.Tenant);
            call.JudgesWhole = view.Policies.Policies.Any(policy => AnswerRules.LookAtText(policy.Document, call.Mcp is not null) && response.Evaluated.Any(covering => covering.Id == policy.Name));
        }

        if (call is { JudgesWhole: true, Mcp.IsRequest: false })
        {
            // A stream of the server's own messages has no end to wait for: each is judged by itself.
            DecidingView view = await policies.FindAsync(call.Caller.Tenant);
            call.JudgesWhole = false;
            call.JudgeMessage = texts => JudgeMessage(call, view, texts);
        }
    }

    /// <summary>Decides on a whole answer by its texts, and makes the scrubber that it needs.</summary>
    public async ValueTask JudgeTextsAsync(LlmCall call, LlmOutcome outcome)
    {
        DecidingView view = await policies.FindAsync(call.Caller.Tenant);
        call.AnswerVerdict = view.Policies.Decide(call.Decision.Call.Request.AsResponse() with { Texts = outcome.Texts, Uncovered = LlmCall.Parts(outcome.Unseen), TimeNs = call.Decision.StartedNs });
        JudgeCalls(call, view, outcome.Texts);
        MakeScrubber(call);
    }

    // One message of a server's own, whole: its scrubber, or null when it must not pass. What it found is told with the record of the stream.
    private static PolicyScrubber? JudgeMessage(LlmCall call, DecidingView view, ImmutableArray<InspectedText> texts)
    {
        call.AnswerVerdict = view.Policies.Decide(call.Decision.Call.Request.AsResponse() with { Texts = texts, TimeNs = call.Decision.StartedNs });
        JudgeCalls(call, view, texts);
        call.Keep((call.Scrubber as PolicyScrubber)?.Inspect([]));
        var scrubber = new PolicyScrubber([.. Verdicts(call).Where(verdict => verdict.IsPending)]);
        call.Scrubber = scrubber;
        return Verdicts(call).Any(verdict => verdict.Effect >= PolicyEffect.Ask) ? null : scrubber;
    }

    // What a tool answers is looked at by the rules on calls of tools too: they name the tool, and its arguments and its answer are one thing to them. A message that calls nothing is looked at
    // by the rules on messages and by those on calls, because an answer may come again on another stream; only what they say of every call, whatever it says, is not meant for a message.
    private async ValueTask PrepareMcpAsync(LlmCall call)
    {
        DecidingView view = await policies.FindAsync(call.Caller.Tenant);
        DecisionRequest request = call.Decision.Call.Request with { TextAction = null, Uncovered = [], TimeNs = call.Decision.StartedNs, IsApproved = true };
        call.CallRequests = call.Mcp!.IsCall ? [request] : [request, request with { Action = DecisionActions.McpCall }];
        JudgeCalls(call, view, [new InspectedText("", "", "")]);
        call.CallRequests = [.. call.CallRequests.Where((_, i) => i == 0 || call.CallVerdicts[i].Complete(Inspection.None.Find).Effect < PolicyEffect.Ask)];
        call.CallVerdicts = call.CallVerdicts[..call.CallRequests.Length];
        call.JudgesWhole |= call.CallVerdicts.Any(verdict => verdict.Detections.Any(detection => detection is { Mode: PolicyMode.Enforce, Then: PolicyEffect.Ask or PolicyEffect.Deny }));
        MakeScrubber(call);
        if (!call.Mcp.IsCall)
        {
            call.IsToolDenied = name =>
            {
                var tool = new DecisionTool { Name = name, Namespace = "mcp", Server = call.Upstream.Name };
                bool denied = view.Policies.Decide(request with { Action = DecisionActions.McpCall, Texts = [], Tool = tool }).Effect is PolicyEffect.Deny;
                if (denied)
                {
                    call.Effects.Add("tool_removed");
                }

                return denied;
            };
        }
    }

    private static void JudgeCalls(LlmCall call, DecidingView view, ImmutableArray<InspectedText> texts) =>
        call.CallVerdicts = [.. call.CallRequests.Select(request => view.Policies.Decide(request with { Texts = texts, Uncovered = [], TimeNs = call.Decision.StartedNs }))];

    private static IEnumerable<Verdict> Verdicts(LlmCall call) => [call.AnswerVerdict, .. call.CallVerdicts];

    private static void MakeScrubber(LlmCall call)
    {
        Verdict[] pending = [.. Verdicts(call).Where(verdict => verdict.IsPending)];
        call.Scrubber = pending.Length > 0 ? new PolicyScrubber(pending) : NoScrubber.Instance;
    }

    /// <summary>The verdict on an answer that was scrubbed.</summary>
    public static Verdict Judge(LlmCall call)
    {
        Verdict answer = Complete(call, call.AnswerVerdict);
        foreach (Verdict pending in call.CallVerdicts)
        {
            Verdict its = Complete(call, pending);
            answer = its.Effect > answer.Effect ? its : answer;
        }

        return answer;
    }

    private static Verdict Complete(LlmCall call, Verdict verdict) =>
        !verdict.IsPending ? verdict : call.Scrubber is PolicyScrubber scrubber ? scrubber.Complete(verdict) : verdict.Complete(Inspection.None.Find);

    /// <summary>Records the answer; durable when it returns true.</summary>
    public async ValueTask<bool> RecordAsync(LlmCall call, LlmOutcome outcome, Verdict? verdict, string? result = null, string? reason = null, long startedAt = 0)
    {
        var effects = ImmutableArray.CreateBuilder<string>();
        Inspection inspection = Inspect(call, outcome);
        if (inspection.IsAltered)
        {
            effects.Add("text_masked");
        }

        effects.AddRange(call.Effects.Order(StringComparer.Ordinal));
        var answer = new DecisionAnswer
        {
            Verdict = verdict,
            Result = result,
            Reason = reason,
            Target = call.Upstream.Name == call.Decision.Call.Request.Target ? null : call.Upstream.Name,
            Model = call.Mcp is null ? new ModelPart { Provider = call.Upstream.Kind.Name(), Served = outcome.ServedModel } : null,
            Usage = Priced(call, outcome),
            Inspection = inspection,
            Texts = outcome.Texts,
            Uncovered = LlmCall.Parts(outcome.Unseen),
            Effects = effects.DrainToImmutable(),
            DurationUs = startedAt == 0 ? 0 : (long)time.GetElapsedTime(startedAt).TotalMicroseconds,
            Details = Details(call, outcome),
        };
        try
        {
            // Not the client's token: what happened is recorded also when nobody waits for it any more. The journal's own time to answer bounds the wait.
            await log.AppendRespondAsync(call.Decision, answer, CancellationToken.None);
            return true;
        }
        catch (DecidingUnavailableException)
        {
            return false;
        }
    }

    // By the name of the model that served, else of the one that policy or a fallback put in its place, else of the one that was asked for. What the upstream reports stands before all.
    private UsagePart? Priced(LlmCall call, LlmOutcome outcome)
    {
        UsagePart? usage = LlmCall.Part(outcome.Usage);
        if (usage is { Cost: null } && prices.Cost(call.Upstream.Name, usage, outcome.ServedModel, call.SentModel, call.Decision.Call.Request.Model) is { } usd)
        {
            usage.Cost = new CostPart { Amount = usd.ToString("0.############", CultureInfo.InvariantCulture), Unit = "USD", Source = "computed" };
        }

        return usage;
    }

    private static Inspection Inspect(LlmCall call, LlmOutcome outcome)
    {
        Inspection last = call.Scrubber is PolicyScrubber scrubber ? scrubber.Inspect(outcome.Unseen) : Inspection.None;
        return call.Kept is { } earlier ? earlier.With(last) : last;
    }

    private static ImmutableArray<KeyValuePair<string, string>> Details(LlmCall call, LlmOutcome outcome)
    {
        var details = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        if (call.UpstreamStatus > 0)
        {
            details.Add(new("upstream_status", call.UpstreamStatus.ToString(CultureInfo.InvariantCulture)));
        }

        Add("upstream_request_id", call.UpstreamRequestId);
        Add("answer_id", outcome.AnswerId);
        Add("stop_reason", outcome.StopReason);
        if (outcome.ToolNames.Count > 0)
        {
            details.Add(new("tools_called", JsonSerializer.Serialize(outcome.ToolNames)));
        }

        if (call.Mcp is { Method: { } method } mcp)
        {
            // Three layers, each its own: HTTP, JSON-RPC, the tool.
            string error = mcp.ErrorCode is { } code ? code.ToString(CultureInfo.InvariantCulture) : "null";
            string failed = mcp.IsError is { } isError ? isError ? "true" : "false" : "null";
            details.Add(new("mcp", $"{{\"method\":{JsonSerializer.Serialize(method.Length > 128 ? method[..128] : method)},\"http\":{call.UpstreamStatus.ToString(CultureInfo.InvariantCulture)},\"jsonrpc_error\":{error},\"is_error\":{failed}}}"));
        }

        if (call.Attempts > 1)
        {
            details.Add(new("attempts", call.Attempts.ToString(CultureInfo.InvariantCulture)));
        }

        if (call.Context.Request.Headers["x-stainless-retry-count"].ToString() is { Length: > 0 and < 4 } retries && int.TryParse(retries, NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            details.Add(new("retry_count", count.ToString(CultureInfo.InvariantCulture)));
        }

        return details.DrainToImmutable();

        void Add(string name, string? value)
        {
            if (value is { Length: > 0 and <= 256 })
            {
                details.Add(new(name, JsonSerializer.Serialize(value)));
            }
        }
    }
}
