using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Muniment.Gateway.Llm.Forwarding;

/// <summary>One attempt at one upstream, inside of YARP's forwarder: it makes the request, and has the answer written by <see cref="AnswerWriter"/> instead of copied.</summary>
internal sealed class UpstreamExchange(LlmCall call, AnswerWriter answers, LlmOptions options) : HttpTransformer
{
    /// <summary>A fault of ours while the answer was written; the forwarder would make a 502 of it.</summary>
    public ExceptionDispatchInfo? Fault { get; private set; }

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        UpstreamHeaders.DropConnectionOptions(httpContext.Request, proxyRequest);
        UpstreamHeaders.SwapCredential(proxyRequest, call.Upstream);
        proxyRequest.RequestUri = new Uri(UpstreamAddresses.Join(call.Upstream.BaseUrl, call.Path + call.Query));
        WholeBody.Put(proxyRequest, call.Body);
        call.WaitAtMost(options.HeaderTimeoutMs);
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return false;
        }

        int status = (int)proxyResponse.StatusCode;
        if (call.Fallbacks.Count > 0 && (status >= 500 || status is 408 or 429))
        {
            call.TriesNext = true;
            return false;
        }

        call.UpstreamStatus = status;
        call.UpstreamRequestId = UpstreamHeaders.RequestIdOf(proxyResponse);
        try
        {
            await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
            UpstreamHeaders.Clean(httpContext.Response);
            UpstreamHeaders.Identify(httpContext.Response, call.Decision.Id, call.UpstreamRequestId);
            await answers.WriteAsync(call, proxyResponse);
            call.IsAnswered = true;
        }
        catch (Exception e)
        {
            Fault = ExceptionDispatchInfo.Capture(e);
        }

        return false;
    }
}
