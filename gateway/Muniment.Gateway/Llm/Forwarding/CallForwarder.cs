using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Muniment.Egress;
using Muniment.Gateway.Deciding;
using Muniment.Gateway.Llm.Answers;
using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Requests;
using Muniment.Gateway.Upstreams;
using Muniment.Policy.Documents;
using Yarp.ReverseProxy.Forwarder;

namespace Muniment.Gateway.Llm.Forwarding;

/// <summary>Sends a decided call to its upstream, or to the next one that policy names, while the record of its request is made durable beside it.</summary>
internal sealed partial class CallForwarder(
    IUpstreamDirectory upstreams, IDecisionLog log, UpstreamClients clients, IHttpForwarder forwarder, AnswerWriter answers, AnswerJudge judge, IOptions<LlmOptions> options, ILogger<CallForwarder> logger)
{
    private static readonly ForwarderRequestConfig Forwarding = new() { ActivityTimeout = TimeSpan.FromDays(1) }; // the times that count are LlmOptions'

    /// <summary>Forwards. Afterwards the client has its answer, or has left.</summary>
    /// <exception cref="DecidingUnavailableException">The request could not be recorded; nothing was released.</exception>
    public async Task ForwardAsync(LlmCall call)
    {
        await judge.PrepareAsync(call);

        // The call leaves before its record is made: making it takes about as long as the way to the upstream. Whatever is released waits for it.
        var recorded = new TaskCompletionSource();
        call.Recorded = recorded.Task;
        Task sent = SendAsync(call);
        Task written = RecordAsync(call, recorded);
        await sent;
        await written;
        await call.Recorded;
    }

    private async Task RecordAsync(LlmCall call, TaskCompletionSource recorded)
    {
        try
        {
            ValueTask appended = log.AppendInvokeAsync(call.Decision, CancellationToken.None);
            call.RecordBegun.SetResult();
            await appended;
        }
        catch (Exception e)
        {
            call.RecordFailed = true;
            call.Cancel();
            recorded.SetException(e);
            call.RecordBegun.TrySetResult(); // it may have failed before it began; who waits for it must learn that
            return;
        }

        recorded.SetResult();
    }

    private async Task SendAsync(LlmCall call)
    {
        HttpContext context = call.Context;
        while (true)
        {
            call.Attempts++;
            call.TriesNext = false;
            context.Request.Body = new MemoryStream(AsArray(call.Body, out int offset, out int count), offset, count, writable: false);
            context.Request.Headers.ContentLength = call.Body.Length > 0 || HttpMethods.IsPost(context.Request.Method) ? call.Body.Length : null;
            context.Request.Headers.TransferEncoding = default;
            var exchange = new UpstreamExchange(call, answers, options.Value);
            ForwarderError error = await forwarder.SendAsync(context, UpstreamAddresses.Join(call.Upstream.BaseUrl, ""), clients.Of(call.Caller.Tenant), Forwarding, exchange, call.Aborted);
            exchange.Fault?.Throw();
            if (call.IsAnswered)
            {
                return;
            }

            if (call.RecordFailed)
            {
                Reset(context);
                await call.Recorded;
            }

            if (context.RequestAborted.IsCancellationRequested)
            {
                await call.Recorded;
                await judge.RecordAsync(call, new LlmOutcome(), null, "error", "client_aborted");
                return;
            }

            bool failed = error is not ForwarderError.None;
            if ((call.TriesNext || (failed && !call.HasTimedOut)) && await NextAsync(call))
            {
                Reset(context);
                continue;
            }

            Reset(context);
            await FailAsync(call, context.Features.Get<IForwarderErrorFeature>()?.Exception);
            return;
        }
    }

    private async ValueTask<bool> NextAsync(LlmCall call)
    {
        while (call.Fallbacks.TryDequeue(out FallbackTarget target))
        {
            if (await upstreams.FindAsync(call.Caller.Tenant, target.Upstream) is { } next && next.Kind == call.Upstream.Kind)
            {
                call.Upstream = next;
                call.Effects.Add("rerouted");
                if (target.Model is { } model && call.Request is not null)
                {
                    call.Body = WithModel(call.Body, model);
                    call.SentModel = model;
                }

                return true;
            }
        }

        return false;
    }

    private static ReadOnlyMemory<byte> WithModel(ReadOnlyMemory<byte> body, string model)
    {
        var tape = new JsonTape();
        if (tape.Read(body) is not JsonFault.None)
        {
            return body;
        }

        var edits = new JsonEdits();
        RequestEditor.SetModel(tape, model, edits);
        return edits.Apply(body);
    }

    private async Task FailAsync(LlmCall call, Exception? exception)
    {
        (string reason, LlmError error) = call.HasTimedOut ? ("upstream_timeout", LlmError.Timeout("the upstream did not answer in time"))
            : EgressException.In(exception) is { } refused
                ? ("egress_refused", LlmError.BadGateway(refused.Status is EgressStatus.Refused ? "the upstream's address is not allowed for outbound connections" : "the upstream's name has no address", "egress_refused"))
            : ("upstream_unreachable", LlmError.BadGateway("the upstream cannot be reached, or broke the connection before it answered", "upstream_error"));
        LogUnanswered(logger, exception, call.Upstream.Name, reason);
        await answers.FailAsync(call, reason, error);
    }

    // What the forwarder set for its own error answer.
    private static void Reset(HttpContext context)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.Clear();
        }
    }

    private static byte[] AsArray(ReadOnlyMemory<byte> body, out int offset, out int count)
    {
        if (System.Runtime.InteropServices.MemoryMarshal.TryGetArray(body, out ArraySegment<byte> segment) && segment.Array is not null)
        {
            (offset, count) = (segment.Offset, segment.Count);
            return segment.Array;
        }

        (offset, count) = (0, body.Length);
        return body.ToArray();
    }

    [LoggerMessage(1501, LogLevel.Warning, "Upstream {Upstream} gave no answer: {Reason}")]
    private static partial void LogUnanswered(ILogger logger, Exception? exception, string upstream, string reason);
}
