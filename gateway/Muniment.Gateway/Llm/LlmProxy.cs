using System.Collections.Immutable;
using System.Text;
using Microsoft.AspNetCore.Http;
using Muniment.Gateway.Access;
using Muniment.Gateway.Deciding;
using Muniment.Gateway.Deciding.Prices;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest;
using Muniment.Gateway.Llm.Answers;
using Muniment.Gateway.Llm.Forwarding;
using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Redaction;
using Muniment.Gateway.Llm.Requests;
using Muniment.Gateway.Llm.Surfaces;
using Muniment.Gateway.Llm.Texts;
using Muniment.Gateway.Upstreams;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm;

/// <summary>
/// <c>/llm/{upstream}/…</c>: a call of a model, decided, recorded and redacted on its way.
/// <code>
/// path known? ─► body ─► every text ─► decide ─► denied: recorded, then the provider's error
///                                        └─► changed, redacted ─► record of the request ┐ beside each other
///                                                                 upstream (YARP)       ┘ ─► AnswerWriter
/// </code>
/// </summary>
internal sealed class LlmProxy(
    CallEntry entry, IUpstreamDirectory upstreams, IDecider decider, IDecisionLog log, CallForwarder forwarder, AnswerWriter answers, PriceTable prices)
{
    private const string PathPointer = "/path";

    /// <summary>Handles one call.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        string path = (string?)context.Request.RouteValues["path"] ?? "";
        ApiShape shape = LlmShapes.Of(context);
        if (LlmShapes.Refuse(context, path) is { } odd)
        {
            await CallEntry.RefuseAsync(context, shape, odd);
            return;
        }

        if (await entry.FindAsync(context, shape) is not { } upstream)
        {
            return;
        }

        Surface surface = SurfaceTable.Find(context.Request.Method, path, shape is ApiShape.Anthropic || upstream.Kind is UpstreamKind.Anthropic);
        await entry.RunAsync(new LlmCall(context, context.Caller(), upstream, surface, path), HandleAsync, RefuseBodyAsync);
    }

    private async Task HandleAsync(LlmCall call, ReadOnlyMemory<byte> body)
    {
        call.Body = body;
        if (QueryTexts.Read(call.Context.Request.QueryString.Value ?? "") is not { } query)
        {
            await DenyAsync(call, "malformed", LlmError.Malformed($"query: expected at most {QueryTexts.MaxParameters} parameters, percent-encoded in UTF-8"), []);
            return;
        }

        if (call.Surface.TakesJson && query.Names("model"))
        {
            await DenyAsync(call, "malformed", LlmError.Malformed("query: the model is named in the body, where policy reads it"), []);
            return;
        }

        if (call.Surface.TakesJson && HeaderTexts.FindModel(call.Context.Request.Headers) is { } header)
        {
            await DenyAsync(call, "malformed", LlmError.Malformed($"{header}: the model is named in the body, where policy reads it"), []);
            return;
        }

        call.Query = call.Context.Request.QueryString.Value ?? "";

        if (call.Surface.Kind is SurfaceKind.Upload && UploadReader.Read(body, call.Context.Request.ContentType) is null)
        {
            await DenyAsync(call, "malformed", LlmError.Malformed($"body: expected multipart/form-data of at most {UploadReader.MaxParts / 2} parts, without transfer encodings and with nothing before and behind them"), []);
            return;
        }

        // Also where no body belongs: what comes there would go upstream unseen.
        if (call.Surface.TakesJson || (body.Length > 0 && call.Surface.Kind is not (SurfaceKind.Upload or SurfaceKind.Unknown)))
        {
            JsonFault fault = LlmRequest.TryRead(body, call.Surface, out LlmRequest? request);
            if (fault is not JsonFault.None)
            {
                await DenyAsync(call, "malformed", LlmError.Malformed(LlmShapes.Sentence(fault)), []);
                return;
            }

            call.Request = request;
            call.Context.Request.ContentType = MediaTypes.Json; // whatever it was called, it was read as this
        }

        var edits = new JsonEdits();
        if (!await DecideAsync(call, query, edits))
        {
            return;
        }

        if (!await RerouteAsync(call, edits))
        {
            return;
        }

        await forwarder.ForwardAsync(call);
    }

    private async ValueTask<bool> DecideAsync(LlmCall call, QueryTexts query, JsonEdits edits)
    {
        DecisionCall asked = Ask(call, query, out List<UploadReader.Part>? parts, out BatchFile? batch);
        bool isFixed = false;
        call.Decision = await decider.DecideAsync(asked, verdict => Inspect(call, verdict, query, parts, edits, out isFixed), call.Context.RequestAborted);
        if (!call.Decision.MayPass)
        {
            await DenyAsync(call);
            return false;
        }

        PolicyChanges changes = call.Decision.Verdict.Changes;
        string? cannot = isFixed ? "policy replaces what stands in the path or in a header's name, which nothing can take the place of"
            : batch is not null && (changes.Model is not null || changes.MaxTokens is not null || !changes.ToolsRemove.IsEmpty) ? "policy changes such calls, which is not done within files: send them one by one"
            : null;
        if (cannot is not null)
        {
            await entry.RefuseDecidedAsync(call, "cannot_change", LlmError.Denied(cannot));
            return false;
        }

        // A batch asks for several models: each has a decision of its own, and all must pass.
        foreach (string model in (call.Request?.Models ?? batch?.Models)?.Skip(1) ?? [])
        {
            Decision other = await decider.DecideAsync(
                asked with { Request = asked.Request with { Model = model, Texts = [], Uncovered = [] }, IsSettledLater = false, Estimate = default }, _ => Inspection.None, call.Context.RequestAborted);
            if (!other.MayPass)
            {
                call.Decision.Release();
                call.Decision = other;
                await DenyAsync(call);
                return false;
            }
        }

        return true;
    }

    private DecisionCall Ask(LlmCall call, QueryTexts? query, out List<UploadReader.Part>? parts, out BatchFile? batch)
    {
        LlmRequest? request = call.Request;
        HttpContext context = call.Context;
        parts = null;
        batch = null;
        ImmutableArray<InspectedText> texts = request?.InspectedTexts() ?? [];
        IEnumerable<UnseenPart> unseen = request?.Finder.Unseen ?? [];
        if (call.Surface.Kind is SurfaceKind.Upload)
        {
            parts = UploadReader.Read(call.Body, context.Request.ContentType);
            batch = parts is null ? null : BatchFile.Find(parts);
            texts = parts is null ? [] : [.. UploadReader.Texts(parts), .. batch?.Texts ?? []];
            unseen = parts is null ? [new UnseenPart("", UnseenPart.UnknownEvent)] : [.. parts.Where(part => part.Text is null).Select(part => new UnseenPart("/" + part.Name, UnseenPart.Media)), .. batch?.Unseen ?? []];
        }
        else if (call.Surface.Kind is SurfaceKind.Unknown)
        {
            unseen = [new UnseenPart("", UnseenPart.UnknownEvent)];
        }

        if (query is not null)
        {
            texts = [.. texts, .. query.Texts(), .. HeaderTexts.Find(context.Request.Headers)];
        }

        if (HasFreePath(call.Surface))
        {
            texts = [.. texts, new InspectedText(PathPointer, "", call.Path)];
        }

        var asked = new DecisionRequest
        {
            Action = DecisionActions.ModelInvoke,
            Caller = CallerFacts.Of(context, call.Caller, request?.ClaimedUser),
            Target = call.Upstream.Name,
            Model = (request?.Models ?? batch?.Models) is [{ Length: > 0 } first, ..] ? first : request?.Model,
            Texts = texts,
            Uncovered = LlmCall.Parts(unseen),
            IsUnknownPath = call.Surface.Kind is SurfaceKind.Unknown,
        };
        return new DecisionCall(call.Caller, asked, DecisionContext.Of(context, Receivers.Llm) with { Surface = call.Surface.Name, IsStreamed = request?.IsStreamed ?? false })
        {
            Estimate = Estimate(call, request?.Estimates() ?? batch?.Calls ?? []),
            IsSettledLater = true,
            Claimed = request?.ClaimedUser is { Length: <= 256 } user ? new Dictionary<string, string> { ["user"] = user } : null,
        };
    }

    private DecisionCost Estimate(LlmCall call, IReadOnlyList<(string? Model, TokenEstimate Tokens)> calls)
    {
        var cost = default(DecisionCost);
        foreach ((string? model, TokenEstimate tokens) in calls)
        {
            decimal? usd = prices.Estimate(call.Upstream.Name, model, tokens);
            cost = new DecisionCost(cost.Tokens + tokens.Total, cost.Usd + (usd ?? 0), usd is null ? prices.Unknown : cost.Price);
        }

        return cost;
    }

    // Ids and whatever else a client writes into it; the paths of calls are the same for all.
    private static bool HasFreePath(Surface surface) => surface.Kind is SurfaceKind.Kept or SurfaceKind.Models or SurfaceKind.Unknown;

    private static Inspection Inspect(LlmCall call, Verdict verdict, QueryTexts query, List<UploadReader.Part>? parts, JsonEdits edits, out bool isFixed)
    {
        var scrubber = new PolicyScrubber(verdict);
        List<UnseenPart> unscanned = [];
        call.Query = query.Scrub(scrubber);
        isFixed = !HeaderTexts.Scrub(call.Context.Request.Headers, scrubber);
        isFixed |= HasFreePath(call.Surface) && call.Path.Split('/').Any(segment => scrubber.Scrub(segment, new TextPlace(PathPointer)) is not null);
        if (call.Request is { } request)
        {
            var signed = new HashSet<int>();
            DocumentScrubber.Scrub(request.Tape, request.Finder.Texts, scrubber, edits, signed: signed);
            if (verdict.Settings.Reasoning is ReasoningMode.Pass)
            {
                unscanned.AddRange(signed.Select(node => new UnseenPart(request.Tape.Pointer(node), UnseenPart.Encrypted)));
            }
            else
            {
                RequestEditor.DropReasoning(request.Tape, signed, edits);
            }
        }

        foreach (UploadReader.Part part in parts ?? [])
        {
            if (part.Text is not null && ScrubLines(part, scrubber) is { } scrubbed)
            {
                edits.Replace(part.Start, part.Start + part.Length, Encoding.UTF8.GetBytes(scrubbed));
            }
        }

        return scrubber.Inspect(unscanned);
    }

    // Files of batches are lines of JSON.
    private static string? ScrubLines(UploadReader.Part part, PolicyScrubber scrubber)
    {
        var place = new TextPlace("/" + part.Name);
        bool altered = false;
        string[] lines = part.Text!.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if ((DocumentScrubber.MayBeJson(lines[i]) ? scrubber.ScrubJson(lines[i], place) : scrubber.Scrub(lines[i], place)) is { } scrubbed)
            {
                lines[i] = scrubbed;
                altered = true;
            }
        }

        return altered ? string.Join('\n', lines) : null;
    }

    /// <summary>Applies what policy changes. False when it names an upstream that cannot take the call; the client has its answer then.</summary>
    private async ValueTask<bool> RerouteAsync(LlmCall call, JsonEdits edits)
    {
        PolicyChanges changes = call.Decision.Verdict.Changes;
        if (changes.Upstream is { } target && target != call.Upstream.Name)
        {
            Upstream? other = await upstreams.FindAsync(call.Caller.Tenant, target);
            if (other is null || other.Kind != call.Upstream.Kind)
            {
                call.Decision.Release();
                await log.AppendInvokeAsync(call.Decision, call.Context.RequestAborted);
                await answers.FailAsync(call, "misrouted", LlmError.BadGateway($"policy sends this call to upstream {target}, which is not there or speaks another protocol", "misrouted"));
                return false;
            }

            call.Upstream = other;
        }

        foreach (FallbackTarget fallback in changes.Fallback)
        {
            call.Fallbacks.Enqueue(fallback);
        }

        if (call is { Request: { } request, Surface.TakesJson: true })
        {
            call.SentModel = changes.Model;
            if (RequestEditor.Change(request, changes, changes.Model, edits))
            {
                call.Effects.Add("tool_removed");
            }

            if (request is { IsStreamed: true, AsksUsage: false } && call.Surface.Kind is SurfaceKind.Chat or SurfaceKind.Completions)
            {
                call.AskedUsage = true;
                RequestEditor.AskUsage(request.Tape, edits);
            }
        }

        call.Body = edits.Apply(call.Body);
        return true;
    }

    private async Task DenyAsync(LlmCall call)
    {
        Decision decision = call.Decision;
        await log.AppendInvokeAsync(decision, call.Context.RequestAborted);
        string message = DenialText.Of(decision);
        bool budget = decision.Exceeded is not null;
        if (budget)
        {
            call.Context.Response.Headers["x-should-retry"] = "false";
        }

        if (decision.Approval is { } approval)
        {
            call.Context.Response.Headers[UpstreamHeaders.Approval] = approval.Id;
        }

        UpstreamHeaders.Identify(call.Context.Response, decision.Id, null);
        LlmError error = budget ? LlmError.OverBudget(message) : decision.Reason is "approval_required" or "approval_rejected" ? LlmError.Approval(message) with { OpenAiCode = decision.Reason } : LlmError.Denied(message);
        await error.WriteAsync(call.Context, call.Shape, decision.Id);
    }

    private Task DenyAsync(LlmCall call, string reason, LlmError error, ImmutableArray<UnseenPart> unseen) =>
        entry.RefuseRecordedAsync(call, Ask(call, null, out _, out _), unseen, reason, error);

    private Task RefuseBodyAsync(LlmCall call, Refusal refusal) => refusal.Kind is RefusalKind.TooLarge
        ? DenyAsync(call, "over_limit", LlmError.Of(refusal), [new UnseenPart("", UnseenPart.OverLimit)])
        : CallEntry.RefuseAsync(call.Context, call.Shape, LlmError.Of(refusal));
}
