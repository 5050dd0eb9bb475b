using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Muniment.Gateway.Upstreams;

namespace Muniment.Gateway.Llm.Forwarding;

/// <summary>What passes between client and upstream beside the bodies, and what must not.</summary>
internal static class UpstreamHeaders
{
    /// <summary>The decision's id.</summary>
    public const string Decision = "x-muniment-decision";

    /// <summary>The approval's id.</summary>
    public const string Approval = "x-muniment-approval";

    private const string RequestId = "x-request-id";
    private const string AnthropicRequestId = "request-id";

    // The client's key for us, what only we read, and what would name our own host, addresses or cookies upstream.
    private static readonly string[] NotForwarded =
    [
        "Authorization", "x-api-key", "api-key", "Cookie", "Host", "Accept-Encoding", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP",
        "x-muniment-tenant", "x-muniment-session", "Origin", "Referer", "Expect",
    ];

    /// <summary>Puts the upstream's credential in the place of the client's key.</summary>
    public static void SwapCredential(HttpRequestMessage request, Upstream upstream)
    {
        foreach (string name in NotForwarded)
        {
            request.Headers.Remove(name);
        }

        // The body was inflated on its way in.
        request.Content?.Headers.Remove("Content-Encoding");

        request.Headers.Host = null;

        // Nothing can be looked into that is compressed.
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        if (upstream.Credential is not { } credential)
        {
            return;
        }

        if (credential.ApiKey is { } key)
        {
            if (upstream.Kind is UpstreamKind.Anthropic)
            {
                request.Headers.TryAddWithoutValidation("x-api-key", key);
            }
            else
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            }
        }

        foreach ((string name, string value) in credential.Headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    /// <summary>Says on the answer by which ids the call is found again; the upstream's own id moves to a header of its own.</summary>
    public static void Identify(HttpResponse response, string decisionId, string? upstreamRequestId)
    {
        response.Headers[Decision] = decisionId;
        response.Headers[RequestId] = decisionId;
        response.Headers[AnthropicRequestId] = decisionId;
        if (upstreamRequestId is not null)
        {
            response.Headers["x-upstream-request-id"] = upstreamRequestId;
        }
    }

    /// <summary>The upstream's id of the request, if it can be one.</summary>
    public static string? RequestIdOf(HttpResponseMessage response) =>
        (response.Headers.TryGetValues(RequestId, out IEnumerable<string>? values) || response.Headers.TryGetValues(AnthropicRequestId, out values))
            ? Deciding.DecisionContext.Id(values.FirstOrDefault())
            : null;

    /// <summary>Takes off what described the upstream's bytes and connection rather than ours.</summary>
    public static void Clean(HttpResponse response)
    {
        response.Headers.ContentLength = null;
        response.Headers.Remove("Transfer-Encoding");
        response.Headers.Remove("Content-MD5");
        response.Headers.Remove("ETag");
        response.Headers.Remove("Set-Cookie");
        response.Headers.Remove("Alt-Svc");
        response.Headers.Remove("Strict-Transport-Security");
        response.Headers.Remove("Server");
        response.Headers.Remove("Trailer");
    }
}
