using Muniment.Delivery.Batches;
using Muniment.Delivery.Kinds.OAuth;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.Sentinel;

/// <summary>POST of rows to a data collection rule's stream, with a token of the application.</summary>
internal sealed class SentinelSender : HttpSender
{
    /// <summary>A column over 64 KB is cut without a word, so a row over it is not sent.</summary>
    internal const int MaxRowBytes = 64 * 1024;

    private readonly Uri _uri;

    public SentinelSender(SenderContext context)
        : base(context, Grant(context))
    {
        string dcr = Uri.EscapeDataString(context.Config.Text("dcr")!);
        string stream = Uri.EscapeDataString(context.Config.Text("stream") ?? SentinelKind.DefaultStream);
        _uri = new Uri($"{context.Config.Endpoint.TrimEnd('/')}/dataCollectionRules/{dcr}/streams/{stream}?api-version=2023-01-01");
    }

    protected override DeliveryOutcome? Refuse(BatchSlice slice) => RecordLimit.Check(slice, MaxRowBytes, "Sentinel cuts a column over 64 KB without a word");

    protected override HttpRequestMessage Request(BatchSlice slice) =>
        new(HttpMethod.Post, _uri) { Content = BodyContent.Create(JsonArrayBody.Of(slice), "application/json", gzip: _uri.Scheme == Uri.UriSchemeHttps) };

    protected override DeliveryOutcome Read(HttpAnswer answer, BatchSlice slice)
    {
        string? code = answer.Text("error", "code");
        switch (answer.Status)
        {
            case >= 200 and < 300 and not 204:
                return answer.Mismatch("the Logs Ingestion API says 204");
            case 204:
                int old = Enumerable.Range(0, slice.Count).Count(i => !SentinelTime.IsKept(slice.BytesOf(i).Span, answer.Now));
                return DeliveryOutcome.Delivered(
                    old == 0 ? $"HTTP {answer.Status}" : $"HTTP {answer.Status}; warning: {old} of {slice.Count} older than 2 days, TimeGenerated becomes their arrival; their time is in EventTime", answer.Status);
            case 400 when code is "InvalidStream" or "InvalidDcr" or "InvalidTransformOutput" or "InvalidTransformQuery" or "InvalidApiVersion":
                return answer.Misconfigured("check options.stream, and the stream and transformation of the data collection rule", code);
            case 401:
                return DeliveryOutcome.CredentialRejected("HTTP 401", "the token is not for this cloud: check options.authority and endpoint", 401);
            case 403:
                return DeliveryOutcome.CredentialRejected("HTTP 403", "give the application the role Monitoring Metrics Publisher on the data collection rule; it takes up to half an hour to have effect", 403);
            case 404:
                return answer.Misconfigured("check options.dcr (its immutable id, dcr-…), options.stream and endpoint (the logs ingestion address of the rule or of its endpoint)", code);
            default:
                return answer.ByStatus(code);
        }
    }

    private static ClientCredentials Grant(SenderContext context)
    {
        string host = new Uri(context.Config.Endpoint).Host;
        (string cloud, string login) = host.EndsWith(".azure.us", StringComparison.OrdinalIgnoreCase) ? ("us", "https://login.microsoftonline.us")
            : host.EndsWith(".azure.cn", StringComparison.OrdinalIgnoreCase) ? ("cn", "https://login.chinacloudapi.cn")
            : ("com", "https://login.microsoftonline.com");
        string authority = context.Config.Text("authority") ?? login;
        string tenant = Uri.EscapeDataString(context.Secrets.Find("credential.tenant_id") ?? "");
        return new ClientCredentials(
            new Uri($"{authority.TrimEnd('/')}/{tenant}/oauth2/v2.0/token"), context.Secrets.Find("credential.client_id") ?? "", context.Secrets.Find("credential.client_secret") ?? "",
            $"https://monitor.azure.{cloud}/.default");
    }
}
