using Microsoft.AspNetCore.Http;
using Muniment.Gateway.Llm.Answers;
using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Surfaces;

namespace Muniment.Gateway.Llm;

/// <summary>What can be said of a request before its upstream is known.</summary>
internal static class LlmShapes
{
    /// <summary>Whose SDK asks: Anthropic's sends its version with every request.</summary>
    public static ApiShape Of(HttpContext context) =>
        context.Request.Headers.ContainsKey("anthropic-version") || ((string?)context.Request.RouteValues["path"] ?? "").Contains("messages", StringComparison.OrdinalIgnoreCase)
            ? ApiShape.Anthropic
            : ApiShape.OpenAi;

    /// <summary>Why a request is refused whatever its upstream; null when it is not.</summary>
    public static LlmError? Refuse(HttpContext context, string path)
    {
        if (context.Request.Headers.Upgrade.Count > 0 || HttpMethods.IsConnect(context.Request.Method))
        {
            return new LlmError(StatusCodes.Status501NotImplemented, "WebSocket and other upgrades are not carried: what passes there cannot be inspected. Use the HTTP API.", "invalid_request_error", "upgrade_refused", "invalid_request_error");
        }

        // The server has decoded the path; what it was written as counts.
        string raw = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()?.RawTarget ?? path;
        int query = raw.IndexOf('?', StringComparison.Ordinal);
        string written = query < 0 ? raw : raw[..query];
        return SurfaceTable.IsPlain(path) && !written.Contains('%', StringComparison.Ordinal) && !written.Contains("//", StringComparison.Ordinal) && !written.EndsWith('/') && !written.Contains("/.", StringComparison.Ordinal)
            ? null
            : LlmError.NotFound("path: expected the provider's own path written plainly: no empty or dotted segment, nothing percent-encoded, no slash at the end");
    }

    /// <summary>One sentence for a body that cannot be used.</summary>
    public static string Sentence(JsonFault fault) => fault switch
    {
        JsonFault.NotUtf8 => "body: expected UTF-8",
        JsonFault.Repeated => "body: a member is named twice in one object, and readers disagree about which counts",
        JsonFault.OtherCase => "body: members of the protocol are written in small letters: some readers take no notice of case, and others do",
        JsonFault.BadModel => "model: expected a text of printable ASCII characters without spaces around it",
        JsonFault.TooMany => $"body: more than {JsonTape.MaxNodes} values",
        _ => $"body: expected a JSON object, nested at most {JsonTape.MaxDepth} deep",
    };
}
