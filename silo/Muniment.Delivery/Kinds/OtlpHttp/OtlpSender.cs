using System.Collections.Immutable;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;
using Muniment.Egress;

namespace Muniment.Delivery.Kinds.OtlpHttp;

/// <summary>POST to <c>{base}/v1/logs</c>, <c>/v1/traces</c> or <c>/v1/metrics</c>; a base that already ends in one of these is used as it is.</summary>
internal sealed class OtlpSender : IDestinationSender
{
    private static readonly string[] Paths = ["/v1/logs", "/v1/traces", "/v1/metrics"];

    private readonly HttpClient _client;
    private readonly TimeProvider _time;
    private readonly Uri[] _uris;
    private readonly ImmutableArray<KeyValuePair<string, string>> _headers;
    private readonly bool _json;
    private readonly RecordDoubt _doubt = new();

    public OtlpSender(SenderContext context)
    {
        _client = context.CreateClient();
        _time = context.Time;
        _json = context.Config.Text("encoding") == "json";
        _headers = [.. context.Secrets.Under("credential.headers.")];
        string root = context.Config.Endpoint.TrimEnd('/');
        string? own = Paths.FirstOrDefault(p => root.EndsWith(p, StringComparison.Ordinal));
        root = own is null ? root : root[..^own.Length];
        _uris = [.. Paths.Select(p => new Uri(root + p))];
    }

    public async Task<DeliveryOutcome> SendAsync(BatchSlice slice, CancellationToken cancellationToken)
    {
        Uri uri = _uris[slice.Group];
        DeliveryOutcome outcome;
        try
        {
            ReadOnlyMemory<byte> body = OtlpItem.Compose(slice);
            if (_json)
            {
                body = OtlpJson.FromProto(body.Span, slice.Group);
            }

            outcome = await PostAsync(uri, body, slice, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            outcome = HttpOutcome.OfException(exception);
        }

        return outcome is { Kind: OutcomeKind.RetryLater, Status: 500, Delay: null }
            ? await _doubt.JudgeAsync(slice, outcome, () => IsWellAsync(uri, slice, cancellationToken)).ConfigureAwait(false)
            : _doubt.Other(slice, outcome);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<DeliveryOutcome> PostAsync(Uri uri, ReadOnlyMemory<byte> body, BatchSlice slice, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, uri)
        {
            Content = BodyContent.Create(body, _json ? "application/json" : "application/x-protobuf", gzip: uri.Scheme == Uri.UriSchemeHttps),
        };
        foreach ((string name, string value) in _headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(EgressHttp.AttemptTimeout);
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
        byte[] bytes = await EgressHttp.ReadBodyAsync(response, limit.Token).ConfigureAwait(false);
        string? type = response.Content.Headers.ContentType?.MediaType;
        return response.IsSuccessStatusCode && (type == "text/html" || bytes.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'<', ..])
            ? DeliveryOutcome.Misconfigured($"HTTP {(int)response.StatusCode}: the answer is a web page", "check host, port and path in endpoint", ReasonCode.TransportMismatch, (int)response.StatusCode)
            : Outcome(response, OtlpAnswer.Read(response.IsSuccessStatusCode, type, bytes), slice);
    }

    private async Task<bool> IsWellAsync(Uri uri, BatchSlice slice, CancellationToken cancellationToken)
    {
        try
        {
            return (await PostAsync(uri, _json ? "{}"u8.ToArray() : default, slice, cancellationToken).ConfigureAwait(false)).Kind == OutcomeKind.Delivered;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private DeliveryOutcome Outcome(HttpResponseMessage response, OtlpAnswer answer, BatchSlice slice)
    {
        int status = (int)response.StatusCode;
        if (status is >= 200 and < 300)
        {
            return answer.Rejected <= 0
                ? DeliveryOutcome.Delivered(answer.Message.Length > 0 ? $"HTTP {status}; warning: {answer.Message}" : $"HTTP {status}", status)
                : Partial($"HTTP {status}", status, answer, slice);
        }

        DeliveryOutcome outcome = HttpOutcome.OfStatus(response, _time.GetUtcNow(), answer.Message);
        return status == 404
            ? DeliveryOutcome.Misconfigured("HTTP 404", "the receiver has no " + Paths[slice.Group] + ": check the base URL, and that this signal is enabled there", status: 404)
            : outcome;
    }

    /// <summary>
    /// The protocol says how many were refused, not which, and forbids sending the batch again. All of them, or the only one, are known and become dead letters; otherwise
    /// the number goes into the receipt. For metrics the number counts points, so only a batch of one says anything.
    /// </summary>
    internal static DeliveryOutcome Partial(string said, int? status, OtlpAnswer answer, BatchSlice slice)
    {
        string message = answer.Message.Length > 0 ? answer.Message : "no reason given";
        bool all = slice.Count == 1 ? slice.Group != OtlpItem.Metrics : slice.Group != OtlpItem.Metrics && answer.Rejected >= slice.Count;
        ImmutableArray<ItemRejection> named = all ? [.. Enumerable.Range(0, slice.Count).Select(i => new ItemRejection(i, message))] : [];
        return DeliveryOutcome.Partial($"{said}; partial success: {answer.Rejected} refused: {message}", message, named, [], all ? 0 : answer.Rejected);
    }
}
