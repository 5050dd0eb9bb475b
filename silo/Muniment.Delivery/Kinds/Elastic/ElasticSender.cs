using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.Elastic;

/// <summary>POST to <c>{base}/_bulk</c>; the answer is asked to hold only what is read of it.</summary>
internal sealed class ElasticSender : HttpSender
{
    private const string Wanted = "filter_path=errors,error.type,items.*.status,items.*.error.type,items.*.error.reason";
    private const int MaxAnswer = 4 * 1024 * 1024;
    private static readonly TimeSpan SearchPatience = TimeSpan.FromSeconds(6); // a refresh is due every second, every five in some clusters

    private readonly Uri _bulk;
    private readonly Uri _count;
    private readonly AuthenticationHeaderValue? _authorization;

    public ElasticSender(SenderContext context)
        : base(context)
    {
        string root = context.Config.Endpoint.TrimEnd('/');
        root = root.EndsWith("/_bulk", StringComparison.Ordinal) ? root[..^"/_bulk".Length] : root;
        _bulk = new Uri($"{root}/_bulk?{Wanted}");
        _count = new Uri($"{root}/{context.Config.Text("data_stream") ?? ElasticKind.DefaultDataStream}/_count");
        _authorization = context.Secrets.Find("credential.api_key") is { } key
            ? new AuthenticationHeaderValue("ApiKey", key.Contains(':', StringComparison.Ordinal) ? Convert.ToBase64String(Encoding.UTF8.GetBytes(key)) : key) // id:key, or encoded already
            : Authorization.From(context.Secrets);
    }

    /// <summary>Every refused document may bring a sentence of its own.</summary>
    protected override int MaxAnswerBytes => MaxAnswer;

    protected override HttpRequestMessage Request(BatchSlice slice) => Post(_bulk, BodyContent.Create(slice.Concatenate(), "application/x-ndjson", gzip: _bulk.Scheme == Uri.UriSchemeHttps));

    protected override DeliveryOutcome Read(HttpAnswer answer, BatchSlice slice) => answer switch
    {
        { IsSuccess: true, Body.Length: MaxAnswer } when slice.Count > 1 => DeliveryOutcome.TooLarge("the answer about so many documents is too long to read", answer.Status),
        { IsSuccess: true } => ElasticAnswer.Read(answer, slice.Count),
        { Status: 404 or 405 } => answer.Misconfigured("no _bulk at this address: check the base URL in endpoint", answer.Text("error", "type")),
        { Status: 400 } when slice.Count > 1 => answer.Misconfigured("_bulk refused the whole request, which is not about one event: check endpoint and what stands before Elasticsearch", answer.Text("error", "type")),
        _ => answer.ByStatus(answer.Text("error", "type")),
    };

    public override Task<SearchAnswer?> SearchAsync(string eventId, CancellationToken cancellationToken)
    {
        byte[] question = JsonSerializer.SerializeToUtf8Bytes(new { query = new { ids = new { values = (string[])[eventId] } } });
        return Search.TryAsync(SearchPatience, () => Post(_count, BodyContent.Create(question, "application/json", gzip: false)), answer => answer.Text("count") is "1", cancellationToken);
    }

    private HttpRequestMessage Post(Uri uri, HttpContent content)
    {
        HttpRequestMessage request = new(HttpMethod.Post, uri) { Content = content };
        request.Headers.Authorization = _authorization;
        return request;
    }
}
