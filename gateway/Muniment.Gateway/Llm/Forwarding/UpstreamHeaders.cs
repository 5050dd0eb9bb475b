using System.Collections.Frozen;
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

    private const string Own = "x-muniment-";

    // The client's key for us and its secrets for others, what would name our own host, addresses or cookies upstream, what would make another request of this one, and
    // what would give an answer in parts, each too small to find anything in.
    private static readonly FrozenSet<string> Kept = FrozenSet.ToFrozenSet(
    [
        "Authorization", "Proxy-Authorization", "x-api-key", "api-key", "x-goog-api-key", "Cookie", "Host", "Accept-Encoding", "Forwarded", "Via", "X-Real-IP", "Origin", "Referer", "Expect", "Upgrade", "HTTP2-Settings", "Trailer",
        "Proxy-Connection", "Range", "If-Range", "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL",
    ], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a header of the client does not go upstream.</summary>
    public static bool IsKept(string name) =>
        Kept.Contains(name) || name.StartsWith(Own, StringComparison.OrdinalIgnoreCase) || name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase);

    /// <summary>Puts the upstream's credential in the place of the client's key.</summary>
    public static void SwapCredential(HttpRequestMessage request, Upstream upstream)
    {
        List<string>? kept = null;
        foreach ((string name, _) in request.Headers.NonValidated)
        {
            if (IsKept(name))
            {
                (kept ??= []).Add(name);
            }
        }

        foreach (string name in kept ?? [])
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

    /// <summary>Takes off what the client names in <c>Connection</c>: it is meant for this hop (RFC 9110, 7.6.1).</summary>
    public static void DropConnectionOptions(HttpRequest from, HttpRequestMessage request)
    {
        foreach (string? options in from.Headers.Connection)
        {
            foreach (string name in (options ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (!name.Contains(' ', StringComparison.Ordinal) && request.Headers.NonValidated.Contains(name))
                {
                    request.Headers.Remove(name);
                }
            }
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
