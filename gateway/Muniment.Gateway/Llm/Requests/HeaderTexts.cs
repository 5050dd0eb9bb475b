using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Muniment.Gateway.Llm.Forwarding;
using Muniment.Gateway.Llm.Redaction;
using Muniment.Gateway.Llm.Texts;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm.Requests;

/// <summary>
/// The texts of a request's headers. Those that clients and SDKs of the providers send by themselves hold words of the protocol and ids and pass as they are, unless they are long; every other one
/// that goes upstream is a text like any other, its name before its value.
/// </summary>
internal static class HeaderTexts
{
    /// <summary>Longest value of a known header that is no text.</summary>
    public const int LongestKnownChars = 512;

    private static readonly FrozenSet<string> Known = FrozenSet.ToFrozenSet(
    [
        "Accept", "Accept-Language", "Cache-Control", "Connection", "Content-Length", "Content-Type", "Content-Encoding", "DNT", "Idempotency-Key", "If-None-Match", "Keep-Alive", "Last-Event-ID", "Pragma", "Priority",
        "TE", "Transfer-Encoding", "User-Agent", "anthropic-beta", "anthropic-dangerous-direct-browser-access", "anthropic-version", "openai-beta", "openai-organization", "openai-project",
        "Mcp-Protocol-Version", "Mcp-Session-Id", "conversation_id", "originator", "session_id", "traceparent", "tracestate", "version", "x-app", "x-claude-code-session-id", "x-client-request-id", "x-correlation-id",
        "x-request-id", "x-session-id",
    ], StringComparer.OrdinalIgnoreCase);

    /// <summary>The texts as decisions see them.</summary>
    public static IEnumerable<InspectedText> Find(IHeaderDictionary headers)
    {
        foreach ((string name, StringValues values) in headers)
        {
            if (IsText(name, values))
            {
                yield return new InspectedText("/headers/" + name, TextRole.Other.Name(), Text(name, values));
            }
        }
    }

    /// <summary>Replaces what is found in values. False when something is found that reaches into a name, which nothing can take the place of.</summary>
    public static bool Scrub(IHeaderDictionary headers, Scrubber scrubber)
    {
        List<KeyValuePair<string, string>>? replaced = null;
        foreach ((string name, StringValues values) in headers)
        {
            if (!IsText(name, values) || scrubber.Scrub(Text(name, values), new TextPlace("/headers/" + name)) is not { } scrubbed)
            {
                continue;
            }

            if (!scrubbed.StartsWith(name + ": ", StringComparison.Ordinal))
            {
                return false;
            }

            (replaced ??= []).Add(new(name, scrubbed[(name.Length + 2)..]));
        }

        foreach ((string name, string value) in replaced ?? [])
        {
            headers[name] = value;
        }

        return true;
    }

    /// <summary>The first header that goes upstream and names a model by its own name; null when there is none. Routers take such a header before the body.</summary>
    public static string? FindModel(IHeaderDictionary headers)
    {
        foreach ((string name, _) in headers)
        {
            if (name.Contains("model", StringComparison.OrdinalIgnoreCase) && !UpstreamHeaders.IsKept(name) && Array.Exists(name.Split('-', '_', '.'), IsModel))
            {
                return name;
            }
        }

        return null;

        static bool IsModel(string word) => word.Equals("model", StringComparison.OrdinalIgnoreCase) || word.Equals("models", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsText(string name, StringValues values) =>
        !UpstreamHeaders.IsKept(name) && ((!Known.Contains(name) && !name.StartsWith("x-stainless-", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("Sec-", StringComparison.OrdinalIgnoreCase)) || values.ToString().Length > LongestKnownChars);

    private static string Text(string name, StringValues values) => $"{name}: {values}";
}
