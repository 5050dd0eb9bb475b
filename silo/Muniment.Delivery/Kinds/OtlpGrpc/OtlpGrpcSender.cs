using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Kinds.OtlpHttp;
using Muniment.Delivery.Outcomes;
using Muniment.Egress;

namespace Muniment.Delivery.Kinds.OtlpGrpc;

/// <summary>One unary call a request, framed by hand over HTTP/2: <c>/opentelemetry.proto.collector.{signal}.v1.{Signal}Service/Export</c>.</summary>
internal sealed class OtlpGrpcSender : IDestinationSender
{
    private static readonly string[] Paths =
    [
        "/opentelemetry.proto.collector.logs.v1.LogsService/Export", "/opentelemetry.proto.collector.trace.v1.TraceService/Export", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    ];

    /// <summary>Most bytes read of a body to come to its trailers; what is over <see cref="EgressHttp.MaxResponseBytes"/> is dropped.</summary>
    private const int MaxBodyBytes = 1 << 20;

    private readonly HttpClient _client;
    private readonly TimeProvider _time;
    private readonly Uri[] _uris;
    private readonly bool _gzip;
    private readonly ImmutableArray<KeyValuePair<string, string>> _metadata;
    private readonly RecordDoubt _doubt = new();

    public OtlpGrpcSender(SenderContext context)
    {
        _client = context.CreateClient();
        _time = context.Time;
        Uri endpoint = new(context.Config.Endpoint);
        _gzip = endpoint.Scheme == Uri.UriSchemeHttps; // where the path is a real network
        _uris = [.. Paths.Select(p => new Uri(context.Config.Endpoint.TrimEnd('/') + p))];
        _metadata = [.. context.Secrets.Under("credential.headers.")];
    }

    public async Task<DeliveryOutcome> SendAsync(BatchSlice slice, CancellationToken cancellationToken)
    {
        DeliveryOutcome outcome;
        try
        {
            outcome = await CallAsync(OtlpItem.Compose(slice), slice, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // PROTOCOL_ERROR, FRAME_SIZE_ERROR, HTTP_1_1_REQUIRED: not HTTP/2; other codes are an HTTP/2 server that broke off.
            outcome = exception is HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError }
                || exception is HttpRequestException { InnerException: HttpProtocolException { ErrorCode: 1 or 6 or 13 } }
                ? DeliveryOutcome.Misconfigured("the port does not speak HTTP/2", "use the receiver's gRPC port (often 4317), or kind otlp_http", ReasonCode.TransportMismatch)
                : HttpOutcome.OfException(exception);
        }

        return outcome is { Kind: OutcomeKind.RetryLater, Status: GrpcAnswer.Unknown or GrpcAnswer.Internal, Delay: null }
            ? await _doubt.JudgeAsync(slice, outcome, () => IsWellAsync(slice, cancellationToken)).ConfigureAwait(false)
            : _doubt.Other(slice, outcome);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<DeliveryOutcome> CallAsync(ReadOnlyMemory<byte> message, BatchSlice slice, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, _uris[slice.Group])
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(GrpcFrame.Write(message.Span, _gzip)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc+proto");
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation("grpc-encoding", _gzip ? "gzip" : "identity");
        request.Headers.TryAddWithoutValidation("grpc-accept-encoding", "identity");
        request.Headers.TryAddWithoutValidation("grpc-timeout", "30S");
        foreach ((string name, string value) in _metadata)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(EgressHttp.AttemptTimeout);
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
        byte[] body = await ReadToEndAsync(response, limit.Token).ConfigureAwait(false);
        GrpcAnswer answer = GrpcAnswer.Read(response);
        return answer.Code is null ? GrpcAnswer.OfHttp(response, _time.GetUtcNow())
            : answer.ToOutcome(Paths[slice.Group], slice.Count) ?? Taken(OtlpAnswer.Read(success: true, "application/x-protobuf", GrpcFrame.Read(body).Span), slice);
    }

    private async Task<bool> IsWellAsync(BatchSlice slice, CancellationToken cancellationToken)
    {
        try
        {
            return (await CallAsync(default, slice, cancellationToken).ConfigureAwait(false)).Kind == OutcomeKind.Delivered;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The trailers are there only once the end of the body was read, even where its length is known. Only a 200 has any.</summary>
    private static async ValueTask<byte[]> ReadToEndAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return await EgressHttp.ReadBodyAsync(response, cancellationToken).ConfigureAwait(false);
        }

        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using MemoryStream kept = new();
        byte[] buffer = new byte[4096];
        long total = 0;
        while (total < MaxBodyBytes && await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            total += read;
            kept.Write(buffer, 0, (int)Math.Min(read, EgressHttp.MaxResponseBytes - kept.Length));
        }

        return kept.ToArray();
    }

    private static DeliveryOutcome Taken(OtlpAnswer answer, BatchSlice slice) => answer.Rejected > 0
        ? OtlpSender.Partial("grpc-status 0", null, answer, slice)
        : DeliveryOutcome.Delivered(answer.Message.Length > 0 ? "grpc-status 0; warning: " + answer.Message : "grpc-status 0");
}
