using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Muniment.Gateway.Hosting;

/// <summary>In which protocol's words an endpoint refuses.</summary>
internal enum Voice
{
    /// <summary>RFC 9457 problem document.</summary>
    Problem,
    /// <summary><c>google.rpc.Status</c> in the encoding of the request.</summary>
    Otlp,
    /// <summary>gRPC trailers-only answer.</summary>
    Grpc,
    /// <summary>Splunk's <c>{"text","code"}</c>.</summary>
    Hec,
    /// <summary>The error of OpenAI or Anthropic, as the client's SDK reads it.</summary>
    Llm,
}

/// <summary>Endpoint metadata: the voice of a route.</summary>
internal sealed record VoiceMetadata(Voice Voice);

/// <summary>Puts and reads the voice.</summary>
internal static class VoiceExtensions
{
    public static TBuilder Speaks<TBuilder>(this TBuilder builder, Voice voice)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new VoiceMetadata(voice));

    public static Voice Voice(this HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<VoiceMetadata>()?.Voice
        ?? (context.Listener() is Hosting.Listener.OtlpGrpc ? Hosting.Voice.Grpc : Hosting.Voice.Problem);
}
