using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.Loki;

/// <summary>POST of one stream to <c>/loki/api/v1/push</c>.</summary>
internal sealed class LokiSender : HttpSender
{
    /// <summary>Loki refuses longer lines, or cuts them without a word where it is told to.</summary>
    internal const int MaxLineBytes = 256 * 1024;

    private const string Path = "/loki/api/v1/push";
    private static readonly TimeSpan SearchPatience = TimeSpan.FromSeconds(6);

    private readonly string _root;
    private readonly Uri _uri;
    private readonly byte[] _head;
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

        _head = Encoding.UTF8.GetBytes($"{{\"streams\":[{{\"stream\":{JsonSerializer.Serialize(labels)},\"values\":");
    }

    protected override DeliveryOutcome? Refuse(BatchSlice slice) => RecordLimit.Check(slice, MaxLineBytes, "Loki refuses or cuts a line over 256 KB");

    protected override HttpRequestMessage Request(BatchSlice slice)
    {
        ReadOnlyMemory<byte> values = JsonArrayBody.Of(slice);
        byte[] body = new byte[_head.Length + values.Length + 3];
        _head.CopyTo(body, 0);
        values.CopyTo(body.AsMemory(_head.Length));
        "}]}"u8.CopyTo(body.AsSpan(body.Length - 3));
        return Authorized(new HttpRequestMessage(HttpMethod.Post, _uri) { Content = BodyContent.Create(body, "application/json", gzip: _uri.Scheme == Uri.UriSchemeHttps) });
    }

    protected override DeliveryOutcome Read(HttpAnswer answer, BatchSlice slice) => answer.Status switch
    {
        >= 200 and < 300 when answer.Status != 204 && !(answer.Status == 200 && answer.IsEmpty) => answer.Mismatch("Loki says 204, or 200 with nothing"),
        400 => LokiRefusal.Read(answer, slice),
        401 => DeliveryOutcome.CredentialRejected("HTTP 401", _tenant is null ? "check the credential, and options.tenant: Loki wants one when it has several tenants" : "check the credential and options.tenant", 401),
        404 => answer.Misconfigured("no Loki at this address: check endpoint (the base URL, before /loki/api/v1/push)"),
        _ => answer.ByStatus(),
    };

    public override async Task<bool?> SearchAsync(string eventId, CancellationToken cancellationToken)
    {
        using JsonDocument head = JsonDocument.Parse((byte[])[.. _head, .. "[]}]}"u8]);
        string selector = string.Join(',', head.RootElement.GetProperty("streams")[0].GetProperty("stream").EnumerateObject().Select(l => l.Name + "=" + l.Value.GetRawText()));
        long from = Context.Time.GetUtcNow().AddMinutes(-10).ToUnixTimeSeconds();
        Uri query = new($"{_root}/loki/api/v1/query_range?limit=1&start={from}000000000&query={Uri.EscapeDataString($"{{{selector}}} |= \"{eventId}\"")}");
        return await AskAsync(
            SearchPatience,
            async token => await QueryAsync(Authorized(new HttpRequestMessage(HttpMethod.Get, query)), token).ConfigureAwait(false) is { } answer ? HasResult(answer) : null,
            cancellationToken).ConfigureAwait(false);
    }

    private static bool HasResult(HttpAnswer answer) =>
        answer.Json is { } root && root.TryGetProperty("data", out JsonElement data) && data.ValueKind == JsonValueKind.Object
        && data.TryGetProperty("result", out JsonElement result) && result.ValueKind == JsonValueKind.Array && result.GetArrayLength() > 0;

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
