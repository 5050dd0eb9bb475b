using Microsoft.AspNetCore.Http;

namespace Muniment.Gateway.Hosting;

/// <summary>Media types of requests, without their parameters.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string Ndjson = "application/x-ndjson";
    public const string Protobuf = "application/x-protobuf";
    public const string Grpc = "application/grpc";

    /// <summary>The known media type of a request, or what it sent in lower case; empty when it sent none.</summary>
    public static string Of(HttpRequest request)
    {
        ReadOnlySpan<char> text = request.ContentType;
        int parameters = text.IndexOf(';');
        text = (parameters < 0 ? text : text[..parameters]).Trim();
        return text.Equals(Protobuf, StringComparison.OrdinalIgnoreCase) ? Protobuf
            : text.Equals(Json, StringComparison.OrdinalIgnoreCase) ? Json
            : text.Equals(Ndjson, StringComparison.OrdinalIgnoreCase) ? Ndjson
            : text.ToString().ToLowerInvariant();
    }
}
