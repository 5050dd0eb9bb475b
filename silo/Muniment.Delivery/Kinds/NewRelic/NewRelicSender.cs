using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.NewRelic;

/// <summary>POST of <c>[{"common":{…},"logs":[…]}]</c>. A 202 only says that the request was read: New Relic validates afterwards.</summary>
internal sealed class NewRelicSender(SenderContext context) : HttpSender(context)
{
    /// <summary>What New Relic keeps of one message; the rest would be cut.</summary>
    internal const int MaxLogBytes = 128 * 1000;

    private static readonly TimeSpan SearchPatience = TimeSpan.FromSeconds(12);
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }; // GraphQL reads strings as JSON does

    /// <summary>Logs older than 48 hours are dropped after a 202; so are those of the far future.</summary>
    private static readonly TimeWindow Window = new(TimeSpan.FromHours(48), TimeSpan.FromHours(24));

    private readonly Uri _uri = NewRelicKind.UrlOf(context.Config);
    private readonly byte[] _head = Encoding.UTF8.GetBytes($"[{{\"common\":{{\"attributes\":{{\"logtype\":\"muniment\",\"muniment.tenant\":{JsonSerializer.Serialize(context.Tenant)}}}}},\"logs\":");

    /// <summary>With a user key. What New Relic found wrong with the log after its 202 is then seen, too: it is not there.</summary>
    public override async Task<SearchAnswer?> SearchAsync(string eventId, CancellationToken cancellationToken)
    {
        if (Context.Secrets.Find("credential.user_key") is not { } key)
        {
            return null;
        }

        string nrql = $"SELECT event_id FROM Log WHERE event_id = '{eventId}' SINCE 15 minutes ago LIMIT 1";
        byte[] question = JsonSerializer.SerializeToUtf8Bytes(new
        {
            query = string.Create(CultureInfo.InvariantCulture, $"{{ actor {{ account(id: {Context.Config.Number("account_id")}) {{ nrql(query: {JsonSerializer.Serialize(nrql, Plain)}) {{ results }} }} }} }}"),
        });
        return await Search.AskAsync(
            SearchPatience,
            () =>
            {
                HttpRequestMessage request = new(HttpMethod.Post, NewRelicKind.SearchUrlOf(Context.Config)) { Content = BodyContent.Create(question, "application/json", gzip: false) };
                request.Headers.TryAddWithoutValidation("API-Key", key);
                return request;
            },
            answer => SearchBack.HasAny(answer, "data", "actor", "account", "nrql", "results"),
            "check credential.user_key and options.account_id",
            cancellationToken).ConfigureAwait(false);
    }

    protected override DeliveryOutcome? Refuse(BatchSlice slice) => RecordLimit.Check(slice, MaxLogBytes, "New Relic keeps 128 KB of a message");

    protected override HttpRequestMessage Request(BatchSlice slice)
    {
        ReadOnlyMemory<byte> logs = Window.ArrayOf(slice, Context.Time.GetUtcNow());
        byte[] body = new byte[_head.Length + logs.Length + 2];
        _head.CopyTo(body, 0);
        logs.CopyTo(body.AsMemory(_head.Length));
        "}]"u8.CopyTo(body.AsSpan(body.Length - 2));
        HttpRequestMessage request = new(HttpMethod.Post, _uri) { Content = BodyContent.Create(body, "application/json", gzip: _uri.Scheme == Uri.UriSchemeHttps) };
        request.Headers.TryAddWithoutValidation("Api-Key", Context.Secrets.Find("credential.license_key"));
        return request;
    }

    protected override DeliveryOutcome Read(HttpAnswer answer, BatchSlice slice)
    {
        if (!answer.IsSuccess)
        {
            return answer.Status switch
            {
                404 => answer.Misconfigured("no Log API at this address: check endpoint and options.region"),
                401 or 403 => DeliveryOutcome.CredentialRejected($"HTTP {answer.Status}", "put a license (ingest) key of this region into credential.license_key; a user key is refused", answer.Status),
                _ => answer.ByStatus(),
            };
        }

        int outside = Window.CountOutside(slice, answer.Now);
        string? id = answer.Text("requestId");
        return answer.Status == 202 || id is not null
            ? DeliveryOutcome.Delivered(
                $"HTTP {answer.Status}; requestId {HttpOutcome.Clean(id ?? "not given")}; validated later, see NrIntegrationError"
                + (outside == 0 ? "" : $"; warning: {outside} of {slice.Count} older than 48 h, shown by New Relic at their arrival; their time is in event_time"), answer.Status)
            : DeliveryOutcome.Misconfigured($"HTTP {answer.Status} without a requestId", "the answer is not that of the Log API: check endpoint", ReasonCode.TransportMismatch, answer.Status);
    }
}
