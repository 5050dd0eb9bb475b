using System.Net;
using Microsoft.AspNetCore.Http;

namespace Muniment.Gateway.Deciding;

/// <summary>How a call came in, and the ids by which it is found again.</summary>
public sealed record DecisionContext
{
    /// <summary>Longest id that is taken from a client; a longer one, or one with other characters, counts as none.</summary>
    public const int MaxIdLength = 128;

    /// <summary><c>decide|llm|mcp</c></summary>
    public required string Receiver { get; init; }

    /// <summary>The peer's address.</summary>
    public string? Address { get; init; }

    /// <summary>32 hex digits out of the client's <c>traceparent</c>.</summary>
    public string? TraceId { get; init; }

    /// <summary>16 hex digits: the client's span, parent of this call.</summary>
    public string? SpanId { get; init; }

    /// <summary>The client's own correlation.</summary>
    public string? Correlation { get; init; }

    /// <summary>The client's own <c>x-request-id</c>.</summary>
    public string? RequestId { get; init; }

    /// <summary>Which API of an upstream, e.g. <c>chat</c>, <c>responses</c>, <c>messages</c>; null for <c>decide</c>.</summary>
    public string? Surface { get; init; }

    /// <summary>Whether the answer is streamed.</summary>
    public bool IsStreamed { get; init; }

    /// <summary>Reads the ids out of a request's headers.</summary>
    public static DecisionContext Of(HttpContext context, string receiver)
    {
        IPAddress? address = context.Connection.RemoteIpAddress;
        (string? trace, string? span) = Parent(context.Request.Headers.TraceParent);
        return new DecisionContext
        {
            Receiver = receiver,
            Address = (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString(),
            TraceId = trace,
            SpanId = span,
            Correlation = Id(context.Request.Headers["x-correlation-id"]),
            RequestId = Id(context.Request.Headers["x-request-id"]),
        };
    }

    /// <summary>A client's id if it can be one.</summary>
    public static string? Id(string? text) => text is { Length: > 0 and <= MaxIdLength } && !text.AsSpan().ContainsAnyExceptInRange('!', '~') ? text : null;

    // W3C Trace Context: version-trace-span-flags; all zeros are no ids.
    private static (string? Trace, string? Span) Parent(string? header)
    {
        if (header is not { Length: >= 55 } || header[2] != '-' || header[35] != '-' || header[52] != '-')
        {
            return (null, null);
        }

        string trace = header[3..35], span = header[36..52];
        return IsId(trace) && IsId(span) ? (trace, span) : (null, null);
    }

    private static bool IsId(string text) => text.AsSpan().ContainsAnyExcept('0') && text.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));
}
