using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.PrometheusWrite;

/// <summary>
/// POST of a <c>WriteRequest</c>, Snappy in block format. A receiver refuses what it has: when a request whose outcome was unknown is sent again and answered so, its samples are
/// counted as refused without being named, since they were most likely stored the first time. Strict order means one request at a time, so the memory is one digest.
/// </summary>
internal sealed class PrometheusSender : HttpSender
{
    internal const string TestMetric = "muniment_destination_test";

    private const string WritePath = "/api/v1/write";
    private static readonly TimeSpan SearchPatience = TimeSpan.FromSeconds(4);

    private readonly Uri _uri;
    private readonly AuthenticationHeaderValue? _authorization;
    private volatile string? _sent; // digest of the request that is under way or ended without an answer

    public PrometheusSender(SenderContext context)
        : base(context)
    {
        _uri = new Uri(context.Config.Endpoint);
        _authorization = Authorization.From(context.Secrets);
    }

    protected override HttpRequestMessage Request(BatchSlice slice)
    {
        byte[] body = RemoteWriteBody.Compose(slice);
        ByteArrayContent content = new(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        HttpRequestMessage request = new(HttpMethod.Post, _uri) { Content = content };
        request.Headers.TryAddWithoutValidation("X-Prometheus-Remote-Write-Version", "0.1.0");
        request.Headers.TryAddWithoutValidation("User-Agent", "muniment");
        request.Headers.Authorization = _authorization;
        string digest = Convert.ToHexString(SHA256.HashData(body));
        request.Options.Set(Repeated, _sent == digest);
        _sent = digest;
        return request;
    }

    protected override DeliveryOutcome Read(HttpAnswer answer, BatchSlice slice)
    {
        bool repeated = answer.Response.RequestMessage?.Options.TryGetValue(Repeated, out bool again) == true && again;
        _sent = answer.Status >= 500 ? _sent : null; // a 5xx may have stored a part
        string said = answer.LooksLikeHtml || answer.Json is not null ? "" : HttpOutcome.Clean(Encoding.UTF8.GetString(answer.Body.Span));
        bool old = said.Contains("out of order", StringComparison.OrdinalIgnoreCase) || said.Contains("duplicate sample", StringComparison.OrdinalIgnoreCase)
            || said.Contains("out of bounds", StringComparison.OrdinalIgnoreCase) || said.Contains("too old", StringComparison.OrdinalIgnoreCase);
        return answer.Status switch
        {
            >= 200 and < 300 when !answer.IsEmpty => answer.Mismatch("a receiver of remote write says 2xx with nothing"),
            400 when old && repeated => DeliveryOutcome.Partial($"HTTP 400 to a request sent again after an unknown outcome: {said}", said, [], [], slice.Count, foreseen: true),
            404 or 405 => answer.Misconfigured("no remote write receiver at this address: Prometheus needs --web.enable-remote-write-receiver and the path /api/v1/write", said),
            415 => answer.Misconfigured("the receiver does not take remote write 1.0"),
            _ => answer.ByStatus(said),
        };
    }

    public override Task<SearchAnswer?> SearchAsync(string eventId, CancellationToken cancellationToken)
    {
        string text = _uri.GetLeftPart(UriPartial.Path);
        if (!text.EndsWith(WritePath, StringComparison.Ordinal))
        {
            return Task.FromResult<SearchAnswer?>(null);
        }

        Uri query = new($"{text[..^WritePath.Length]}/api/v1/query?query={Uri.EscapeDataString($"{TestMetric}{{event_id=\"{eventId}\"}}")}");
        return Search.TryAsync(
            SearchPatience,
            () =>
            {
                HttpRequestMessage request = new(HttpMethod.Get, query);
                request.Headers.Authorization = _authorization;
                return request;
            },
            answer => SearchBack.HasAny(answer, "data", "result"),
            cancellationToken);
    }

    private static HttpRequestOptionsKey<bool> Repeated { get; } = new("muniment.repeated");
}
