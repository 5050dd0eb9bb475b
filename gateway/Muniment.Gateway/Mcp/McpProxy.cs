using Microsoft.AspNetCore.Http;
using Muniment.Gateway.Access;
using Muniment.Gateway.Deciding;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest;
using Muniment.Gateway.Llm;
using Muniment.Gateway.Llm.Answers;
using Muniment.Gateway.Llm.Forwarding;
using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Redaction;
using Muniment.Gateway.Llm.Requests;
using Muniment.Gateway.Llm.Surfaces;
using Muniment.Gateway.Llm.Texts;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Mcp;

/// <summary>
/// <c>/mcp/{upstream}</c>: MCP over streamable HTTP. One JSON-RPC message a request, decided and redacted like a model call; sessions and protocol versions pass through in their headers.
/// <code>
/// POST message ─► tools/call, resources/read, prompts/get: mcp.call · the rest: mcp.message ─► decide ─► upstream ─► JSON or event stream
/// GET  stream of the server's own messages ─► each looked at as it comes        DELETE session
/// </code>
/// </summary>
internal sealed class McpProxy(CallEntry entry, IDecider decider, IDecisionLog log, CallForwarder forwarder)
{
    /// <summary>Action of messages that call nothing.</summary>
    public const string Message = "mcp.message";

    private static readonly Surface Surface = new(SurfaceKind.Mcp, ApiShape.Mcp, "mcp");

    /// <summary>Handles one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method) && !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsDelete(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, POST, DELETE";
            await RefuseAsync(context, new LlmError(StatusCodes.Status405MethodNotAllowed, "this address takes GET, POST and DELETE", "invalid_request_error", "method_not_allowed", "invalid_request_error"));
            return;
        }

        if (context.Request.Headers.Upgrade.Count > 0)
        {
            await RefuseAsync(context, new LlmError(StatusCodes.Status501NotImplemented, "WebSocket and other upgrades are not carried: use streamable HTTP", "invalid_request_error", "upgrade_refused", "invalid_request_error"));
            return;
        }

        if (await entry.FindAsync(context, ApiShape.Mcp) is { } upstream)
        {
            await entry.RunAsync(new LlmCall(context, context.Caller(), upstream, Surface, ""), HandleAsync, RefuseBodyAsync);
        }
    }

    private Task RefuseBodyAsync(LlmCall call, Refusal refusal) => refusal.Kind is RefusalKind.TooLarge
        ? RefuseRecordedAsync(call, new McpMessage(), "over_limit", LlmError.Of(refusal), UnseenPart.OverLimit)
        : RefuseAsync(call.Context, LlmError.Of(refusal));

    private async Task HandleAsync(LlmCall call, ReadOnlyMemory<byte> body)
    {
        var message = new McpMessage();
        call.Context.Features.Set(message);
        call.Mcp = message;
        call.Body = body;
        if (HttpMethods.IsPost(call.Context.Request.Method) && !message.TryRead(body, out string? expected))
        {
            await RefuseRecordedAsync(call, message, "malformed", LlmError.Malformed("body: expected " + expected), UnseenPart.UnknownEvent);
            return;
        }

        if (!HttpMethods.IsPost(call.Context.Request.Method) && body.Length > 0)
        {
            // Nobody looks for texts there, so none may pass.
            await RefuseRecordedAsync(call, message, "malformed", LlmError.Malformed("body: expected none with " + call.Context.Request.Method), UnseenPart.UnknownEvent);
            return;
        }

        var edits = new JsonEdits();
        bool isFixed = false;
        call.Decision = await decider.DecideAsync(Ask(call, message), verdict => Inspect(call, message, verdict, edits, out isFixed), call.Context.RequestAborted);
        if (!call.Decision.MayPass)
        {
            await DenyAsync(call, message);
            return;
        }

        if (isFixed)
        {
            await entry.RefuseDecidedAsync(call, "cannot_change", LlmError.Denied("policy replaces what stands in a header's name, which nothing can take the place of"));
            return;
        }

        call.Body = edits.Apply(body);
        await forwarder.ForwardAsync(call);
    }

    private static DecisionCall Ask(LlmCall call, McpMessage message)
    {
        HttpContext context = call.Context;
        string session = context.Request.Headers["Mcp-Session-Id"].ToString();
        DecisionCaller caller = CallerFacts.Of(context, call.Caller, null);
        var request = new DecisionRequest
        {
            Action = message.IsCall ? DecisionActions.McpCall : Message,
            TextAction = message.IsCall ? null : DecisionActions.McpCall, // no text passes beside the rules on calls
            Caller = caller.Session is null ? caller with { Session = DecisionContext.Id(session) } : caller,
            Target = call.Upstream.Name,
            Tool = message.Tool is null ? null : new DecisionTool { Name = message.Tool, Namespace = "mcp", Server = call.Upstream.Name, Command = message.Command, Args = message.Arguments },
            Texts = [.. message.InspectedTexts(), .. HeaderTexts.Find(context.Request.Headers)],
            Uncovered = LlmCall.Parts(message.Finder.Unseen),
        };
        return new DecisionCall(call.Caller, request, DecisionContext.Of(context, Receivers.Mcp) with { Surface = message.Method ?? context.Request.Method.ToLowerInvariant() }) { IsSettledLater = true };
    }

    private static Inspection Inspect(LlmCall call, McpMessage message, Verdict verdict, JsonEdits edits, out bool isFixed)
    {
        var scrubber = new PolicyScrubber(verdict);
        isFixed = !HeaderTexts.Scrub(call.Context.Request.Headers, scrubber);
        DocumentScrubber.Scrub(message.Tape, message.Finder.Texts, scrubber, edits);
        return scrubber.Inspect([]);
    }

    // A refused tool is a result that the model sees, so that it can do something else; everything else is an error of the protocol.
    private async Task DenyAsync(LlmCall call, McpMessage message)
    {
        Decision decision = call.Decision;
        await log.AppendInvokeAsync(decision, call.Context.RequestAborted);
        UpstreamHeaders.Identify(call.Context.Response, decision.Id, null);
        if (decision.Approval is { } approval)
        {
            call.Context.Response.Headers[UpstreamHeaders.Approval] = approval.Id;
        }

        if (decision.Exceeded is not null)
        {
            call.Context.Response.Headers["x-should-retry"] = "false";
        }

        string text = DenialText.Of(decision);
        if (message is { IsRequest: true } && string.Equals(message.Method, "tools/call", StringComparison.OrdinalIgnoreCase))
        {
            await McpAnswers.WriteResultAsync(call.Context, message, text);
            return;
        }

        string code = decision.Reason is "approval_required" or "approval_rejected" ? decision.Reason : "policy_denied";
        await (LlmError.Denied(text) with { OpenAiCode = code, StatusCode = message.IsRequest ? StatusCodes.Status200OK : StatusCodes.Status403Forbidden }).WriteAsync(call.Context, ApiShape.Mcp, decision.Id);
    }

    private Task RefuseRecordedAsync(LlmCall call, McpMessage message, string reason, LlmError error, string why) =>
        entry.RefuseRecordedAsync(call, Ask(call, message), [new UnseenPart("", why)], reason, error);

    private static Task RefuseAsync(HttpContext context, LlmError error) => CallEntry.RefuseAsync(context, ApiShape.Mcp, error);
}
