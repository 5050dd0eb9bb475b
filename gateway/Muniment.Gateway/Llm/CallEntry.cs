using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Muniment.Gateway.Access;
using Muniment.Gateway.Deciding;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest.Bodies;
using Muniment.Gateway.Llm.Answers;
using Muniment.Gateway.Llm.Forwarding;
using Muniment.Gateway.Llm.Surfaces;
using Muniment.Gateway.Llm.Texts;
using Muniment.Gateway.Upstreams;

namespace Muniment.Gateway.Llm;

/// <summary>How calls of models and of MCP begin: the upstream is looked up, the body is read, and what goes wrong there is answered in the caller's form.</summary>
internal sealed class CallEntry(IUpstreamDirectory upstreams, BodyReader bodies, IDecider decider, IDecisionLog log, AnswerJudge judge)
{
    /// <summary>The upstream of a call; null when there is none that takes it, and the client has its answer then.</summary>
    public async ValueTask<Upstream?> FindAsync(HttpContext context, ApiShape shape)
    {
        string name = (string)context.Request.RouteValues["upstream"]!;
        Upstream? upstream;
        try
        {
            upstream = await upstreams.FindAsync(context.Caller().Tenant, name);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await RefuseAsync(context, shape, LlmError.Unavailable("upstreams cannot be looked up at the moment"));
            return null;
        }

        bool isMcp = shape is ApiShape.Mcp;
        if (upstream is not null && upstream.Kind is UpstreamKind.Mcp == isMcp)
        {
            return upstream;
        }

        await RefuseAsync(context, shape, LlmError.NotFound(
            upstream is null ? $"there is no upstream {name}" : isMcp ? $"upstream {name} is not of kind mcp: its address is /llm/{name}" : $"upstream {name} is of kind mcp: its address is /mcp/{name}"));
        return null;
    }

    /// <summary>Reads the call's body and handles the call. Afterwards it has its answer and is disposed of.</summary>
    /// <param name="call">The call.</param>
    /// <param name="handle">Handles it with its body.</param>
    /// <param name="refuse">Answers for a body that is not taken.</param>
    public async Task RunAsync(LlmCall call, Func<LlmCall, ReadOnlyMemory<byte>, Task> handle, Func<LlmCall, Refusal, Task> refuse)
    {
        RequestBody? body = null;
        try
        {
            (body, Refusal? refusal) = await bodies.ReadAsync(call.Context, call.Caller.Tenant);
            if (refusal is not null)
            {
                await refuse(call, refusal);
                return;
            }

            if (log.IsKnownUnwritable(call.Caller.Tenant))
            {
                throw new DecidingUnavailableException("decisions cannot be recorded at the moment, so nothing is forwarded");
            }

            await handle(call, body!.Memory);
        }
        catch (DecidingUnavailableException e)
        {
            if (!call.Context.Response.HasStarted)
            {
                await RefuseAsync(call.Context, call.Shape, LlmError.Unavailable(e.Message));
            }
        }
        finally
        {
            call.Dispose();
            body?.Dispose();
        }
    }

    /// <summary>Refuses what cannot be read: it is decided as what it is, not looked into, and then refused, so there is a record of it.</summary>
    public async Task RefuseRecordedAsync(LlmCall call, DecisionCall asked, ImmutableArray<UnseenPart> unseen, string reason, LlmError error)
    {
        asked = asked with { Request = asked.Request with { Texts = [], Uncovered = LlmCall.Parts(unseen) }, Estimate = default };
        call.Decision = await decider.DecideAsync(asked, _ => Inspection.None, call.Context.RequestAborted);
        call.Decision.Release();
        await log.AppendInvokeAsync(call.Decision, call.Context.RequestAborted);
        UpstreamHeaders.Identify(call.Context.Response, call.Decision.Id, null);
        if (call.Decision.MayPass)
        {
            await judge.RecordAsync(call, new LlmOutcome { Failure = reason }, null, "denied", reason);
        }

        await error.WriteAsync(call.Context, call.Shape, call.Decision.Id);
    }

    /// <summary>Refuses a call that was decided, and may pass but for what nobody can change.</summary>
    public async Task RefuseDecidedAsync(LlmCall call, string reason, LlmError error)
    {
        call.Decision.Release();
        await log.AppendInvokeAsync(call.Decision, call.Context.RequestAborted);
        UpstreamHeaders.Identify(call.Context.Response, call.Decision.Id, null);
        bool recorded = await judge.RecordAsync(call, new LlmOutcome { Failure = reason }, null, "denied", reason);
        await (recorded ? error : LlmError.Unavailable("the answer could not be recorded")).WriteAsync(call.Context, call.Shape, call.Decision.Id);
    }

    /// <summary>Answers before there is a decision.</summary>
    public static Task RefuseAsync(HttpContext context, ApiShape shape, LlmError error)
    {
        if (error.StatusCode is StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "2";
        }

        return error.WriteAsync(context, shape, RefusalWriter.TraceId(context));
    }
}
