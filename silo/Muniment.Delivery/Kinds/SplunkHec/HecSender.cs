using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;
using Muniment.Egress;

namespace Muniment.Delivery.Kinds.SplunkHec;

/// <summary>
/// POST to <c>/services/collector/event</c>; with <c>ack</c> on, a request counts as delivered when the indexers say so. Acknowledgement ids live in one channel of this sender:
/// after a restart they are unknown, and the batch is sent again.
/// </summary>
internal sealed class HecSender : IDestinationSender
{
    /// <summary>How long an acknowledgement may take before the batch is sent again.</summary>
    internal static readonly TimeSpan AckTimeout = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SearchPatience = TimeSpan.FromSeconds(12);

    private readonly HttpClient _client;
    private readonly TimeProvider _time;
    private readonly Uri _events;
    private readonly Uri _acks;
    private readonly AuthenticationHeaderValue _authorization;
    private readonly string _channel = Guid.NewGuid().ToString("D");
    private readonly bool _ack;
    private readonly Uri? _search;
    private readonly AuthenticationHeaderValue? _searcher;
    private readonly string _index;

    public HecSender(SenderContext context)
    {
        _client = context.CreateClient();
        _time = context.Time;
        _ack = context.Config.Flag("ack");
        string root = context.Config.Endpoint.TrimEnd('/');
        if (root.EndsWith("/services/collector/event", StringComparison.Ordinal))
        {
            root = root[..^"/services/collector/event".Length];
        }
        else if (root.EndsWith("/services/collector", StringComparison.Ordinal))
        {
            root = root[..^"/services/collector".Length];
        }

        _events = new Uri(root + "/services/collector/event");
        _acks = new Uri($"{root}/services/collector/ack?channel={_channel}");
        _authorization = new AuthenticationHeaderValue("Splunk", context.Secrets.Find("credential.token"));
        _index = context.Config.Text("index") ?? "*";
        if (context.Secrets.Find("credential.search_token") is { } token && context.Config.Text("search_endpoint") is { } search)
        {
            _search = new Uri(search.TrimEnd('/') + "/services/search/jobs/export");
            _searcher = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public async Task<DeliveryOutcome> SendAsync(BatchSlice slice, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body = slice.Concatenate();
        try
        {
            (HecAnswer answer, DeliveryOutcome outcome) = await PostAsync(_events, body, gzip: _events.Scheme == Uri.UriSchemeHttps, cancellationToken).ConfigureAwait(false);
            if (!_ack || outcome.Kind != OutcomeKind.Delivered)
            {
                return outcome;
            }

            return answer.AckId is { } id
                ? await WaitForAckAsync(id, cancellationToken).ConfigureAwait(false)
                : DeliveryOutcome.Misconfigured("the collector gave no acknowledgement id", "enable indexer acknowledgement for the token, or set options.ack to false");
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return HttpOutcome.OfException(exception);
        }
    }

    /// <summary>At the management address, with a token of a user who may search.</summary>
    public async Task<SearchAnswer?> SearchAsync(string eventId, CancellationToken cancellationToken)
    {
        if (_search is null)
        {
            return null;
        }

        return await new SearchBack(_client, _time).AskAsync(
            SearchPatience,
            () => new HttpRequestMessage(HttpMethod.Post, _search)
            {
                Headers = { Authorization = _searcher },
                Content = new FormUrlEncodedContent(new Dictionary<string, string>
                {
                    ["search"] = $"search index={_index} \"event_id\"={eventId} | head 1", ["earliest_time"] = "-15m", ["latest_time"] = "+1m", ["output_mode"] = "json",
                }),
            },
            HasResult,
            "check options.search_endpoint and credential.search_token, whose user must be allowed to search the index",
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<DeliveryOutcome> WaitForAckAsync(long id, CancellationToken cancellationToken)
    {
        long started = _time.GetTimestamp();
        TimeSpan pause = FirstPoll;
        byte[] question = Encoding.UTF8.GetBytes($"{{\"acks\":[{id.ToString(CultureInfo.InvariantCulture)}]}}");
        DeliveryOutcome? trouble = null;
        while (_time.GetElapsedTime(started) < AckTimeout)
        {
            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 > LongestPoll ? LongestPoll : pause * 2;
            try
            {
                using HttpRequestMessage request = Request(_acks, question, gzip: false);
                using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(EgressHttp.AttemptTimeout);
                using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
                byte[] body = await EgressHttp.ReadBodyAsync(response, limit.Token).ConfigureAwait(false);
                if (response.IsSuccessStatusCode && IsAcked(body, id))
                {
                    return DeliveryOutcome.Delivered($"ackId {id} indexed", (int)response.StatusCode);
                }

                if (!response.IsSuccessStatusCode)
                {
                    HecAnswer answer = HecAnswer.Read((int)response.StatusCode, body);
                    trouble = answer.ToOutcome() ?? HttpOutcome.OfStatus(response, _time.GetUtcNow());
                    if (trouble.Kind is OutcomeKind.CredentialRejected or OutcomeKind.Misconfigured)
                    {
                        return trouble;
                    }
                }
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                trouble = HttpOutcome.OfException(exception); // the question is asked again; the batch is not
            }
        }

        return DeliveryOutcome.RetryLater(ReasonCode.DestinationError, $"no acknowledgement within {AckTimeout.TotalMinutes:0} minutes" + (trouble is null ? "" : "; last: " + trouble.Message),
            "check the indexers; a load balancer must keep a channel on one of them");
    }

    private async Task<(HecAnswer Answer, DeliveryOutcome Outcome)> PostAsync(Uri uri, ReadOnlyMemory<byte> body, bool gzip, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = Request(uri, body, gzip);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(EgressHttp.AttemptTimeout);
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
        HecAnswer answer = HecAnswer.Read((int)response.StatusCode, await EgressHttp.ReadBodyAsync(response, limit.Token).ConfigureAwait(false));
        DeliveryOutcome outcome = answer.ToOutcome() switch
        {
            { Kind: OutcomeKind.RetryLater } said when RetryAfter.Read(response.Headers, _time.GetUtcNow()) is { } delay =>
                DeliveryOutcome.RetryLater(said.Code!, said.Message, said.Hint, delay, said.Status),
            { } said => said,
            null when response.IsSuccessStatusCode => DeliveryOutcome.Misconfigured(
                answer.LooksLikeHtml ? "the answer is a web page, not a collector's" : $"HTTP {answer.Status} without the code of a collector: something else answers here", "check host, port and path in endpoint", ReasonCode.TransportMismatch, answer.Status),
            null when (int)response.StatusCode == 404 => DeliveryOutcome.Misconfigured("HTTP 404", "no collector at this address: check the path, and that HEC is enabled", status: 404),
            null => HttpOutcome.OfStatus(response, _time.GetUtcNow()),
        };
        return (answer, outcome);
    }

    private HttpRequestMessage Request(Uri uri, ReadOnlyMemory<byte> body, bool gzip)
    {
        HttpRequestMessage request = new(HttpMethod.Post, uri) { Content = BodyContent.Create(body, "application/json", gzip) };
        request.Headers.Authorization = _authorization;
        if (_ack)
        {
            request.Headers.TryAddWithoutValidation("X-Splunk-Request-Channel", _channel);
        }

        return request;
    }

    /// <summary>The export writes an object a line; one with <c>result</c> is an event.</summary>
    private static bool HasResult(HttpAnswer answer)
    {
        foreach (string line in Encoding.UTF8.GetString(answer.Body.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (new HttpAnswer(answer.Response, Encoding.UTF8.GetBytes(line), answer.Now).Json is { } found && found.TryGetProperty("result", out JsonElement result) && result.ValueKind == JsonValueKind.Object)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAcked(byte[] body, long id)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("acks", out JsonElement acks) && acks.ValueKind == JsonValueKind.Object
                && acks.TryGetProperty(id.ToString(CultureInfo.InvariantCulture), out JsonElement acked) && acked.ValueKind == JsonValueKind.True;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
