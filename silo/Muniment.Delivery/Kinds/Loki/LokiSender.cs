using System.Net.Http.Headers;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.Loki;

/// <summary>POST to <c>/loki/api/v1/push</c>: one stream, and others for what is old.</summary>
internal sealed class LokiSender : HttpSender
{
    /// <summary>Loki refuses longer lines, or cuts them without a word where it is told to.</summary>
    internal const int MaxLineBytes = 256 * 1024;

    private const string Path = "/loki/api/v1/push";
    private static readonly TimeSpan SearchPatience = TimeSpan.FromSeconds(6);

    private readonly string _root;
    private readonly Uri _uri;
    private readonly string _selector;
    private readonly LokiStreams _streams;
    private readonly string? _tenant;
    private readonly AuthenticationHeaderValue? _authorization;

    public LokiSender(SenderContext context)
        : base(context)
    {
        _root = context.Config.Endpoint.TrimEnd('/');
        _root = _root.EndsWith(Path, StringComparison.Ordinal) ? _root[..^Path.Length] : _root;
        _uri = new Uri(_root + Path);
        _tenant = context.Config.Text("tenant");
        _authorization = Authorization.From(context.Secrets);
        SortedDictionary<string, string> labels = new(StringComparer.Ordinal) { ["job"] = "muniment" };
        foreach ((string name, string value) in context.Config.Map("labels"))
        {
            labels[name] = value;
        }

        _streams = new LokiStreams(labels);
        _selector = string.Join(',', labels.Select(l => $"{l.Key}={LokiStreams.Quote(l.Value)}"));
    }

    protected override DeliveryOutcome? Refuse(BatchSlice slice) => RecordLimit.Check(slice, MaxLineBytes, "Loki refuses or cuts a line over 256 KB");

    protected override HttpRequestMessage Request(BatchSlice slice)
    {
        (ReadOnlyMemory<byte> body, int streams) = _streams.Compose(slice, Context.Time.GetUtcNow());
        HttpRequestMessage request = new(HttpMethod.Post, _uri) { Content = BodyContent.Create(body, "application/json", gzip: _uri.Scheme == Uri.UriSchemeHttps) };
        request.Options.Set(Streams, streams);
        return Authorized(request);
    }

    protected override DeliveryOutcome Read(HttpAnswer answer, BatchSlice slice) => answer.Status switch
    {
        >= 200 and < 300 when answer.Status != 204 && !(answer.Status == 200 && answer.IsEmpty) => answer.Mismatch("Loki says 204, or 200 with nothing"),
        400 => LokiRefusal.Read(answer, slice, of: answer.Response.RequestMessage?.Options.TryGetValue(Streams, out int streams) == true ? streams : 1),
        401 => DeliveryOutcome.CredentialRejected("HTTP 401", _tenant is null ? "check the credential, and options.tenant: Loki wants one when it has several tenants" : "check the credential and options.tenant", 401),
        404 => answer.Misconfigured("no Loki at this address: check endpoint (the base URL, before /loki/api/v1/push)"),
        _ => answer.ByStatus(),
    };

    public override Task<SearchAnswer?> SearchAsync(string eventId, CancellationToken cancellationToken)
    {
        long from = Context.Time.GetUtcNow().AddMinutes(-10).ToUnixTimeSeconds();
        Uri query = new($"{_root}/loki/api/v1/query_range?limit=1&start={from}000000000&query={Uri.EscapeDataString($"{{{_selector}}} |= \"{eventId}\"")}");
        return Search.TryAsync(SearchPatience, () => Authorized(new HttpRequestMessage(HttpMethod.Get, query)), answer => SearchBack.HasAny(answer, "data", "result"), cancellationToken);
    }

    private static HttpRequestOptionsKey<int> Streams { get; } = new("muniment.streams");

    private HttpRequestMessage Authorized(HttpRequestMessage request)
    {
        request.Headers.Authorization = _authorization;
        if (_tenant is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Scope-OrgID", _tenant);
        }

        return request;
    }
}
