using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.Datadog;

/// <summary>POST of a JSON array to the intake.</summary>
internal sealed class DatadogSender(SenderContext context) : HttpSender(context)
{
    /// <summary>A log over 1 MB is cut and still answered with 202.</summary>
    internal const int MaxLogBytes = 1_000_000;

    private static readonly TimeSpan SearchPatience = TimeSpan.FromSeconds(12);

    /// <summary>18 hours back, two ahead.</summary>
    private static readonly TimeWindow Window = new(TimeSpan.FromHours(18), TimeSpan.FromHours(2));

    private readonly Uri _uri = DatadogKind.UrlOf(context.Config);

    protected override DeliveryOutcome? Refuse(BatchSlice slice) => RecordLimit.Check(slice, MaxLogBytes, "Datadog cuts a log over 1 MB without a word");

    protected override HttpRequestMessage Request(BatchSlice slice)
    {
        HttpRequestMessage request = new(HttpMethod.Post, _uri) { Content = BodyContent.Create(Window.ArrayOf(slice, Context.Time.GetUtcNow()), "application/json", gzip: _uri.Scheme == Uri.UriSchemeHttps) };
        request.Headers.TryAddWithoutValidation("DD-API-KEY", Context.Secrets.Find("credential.api_key"));
        request.Headers.TryAddWithoutValidation("DD-EVP-ORIGIN", "muniment");
        return request;
    }

    protected override DeliveryOutcome Read(HttpAnswer answer, BatchSlice slice)
    {
        if (answer.IsSuccess)
        {
            if (!IsIntake(answer))
            {
                return answer.Mismatch("the intake says 202 or 200 with {} or nothing");
            }

            int outside = Window.CountOutside(slice, answer.Now);
            return DeliveryOutcome.Delivered(
                outside == 0 ? $"HTTP {answer.Status}" : $"HTTP {answer.Status}; warning: {outside} of {slice.Count} older than 18 h, shown by Datadog at their arrival; their time is in event.ts", answer.Status);
        }

        return answer.Status switch
        {
            404 => answer.Misconfigured("no intake at this address: check options.site and endpoint"),
            403 => DeliveryOutcome.CredentialRejected("HTTP 403", "put an API key of this site into credential.api_key: keys of another site, and application keys, are refused", 403),
            _ => answer.ByStatus(Detail(answer)),
        };
    }

    /// <summary>With an application key.</summary>
    public override async Task<SearchAnswer?> SearchAsync(string eventId, CancellationToken cancellationToken)
    {
        if (Context.Secrets.Find("credential.application_key") is not { } key)
        {
            return null;
        }

        byte[] question = JsonSerializer.SerializeToUtf8Bytes(new { filter = new { query = "@event_id:" + eventId, from = "now-15m", to = "now" }, page = new { limit = 1 } });
        return await Search.AskAsync(
            SearchPatience,
            () =>
            {
                HttpRequestMessage request = new(HttpMethod.Post, DatadogKind.SearchUrlOf(Context.Config)) { Content = BodyContent.Create(question, "application/json", gzip: false) };
                request.Headers.TryAddWithoutValidation("DD-API-KEY", Context.Secrets.Find("credential.api_key"));
                request.Headers.TryAddWithoutValidation("DD-APPLICATION-KEY", key);
                return request;
            },
            answer => SearchBack.HasAny(answer, "data"),
            "check credential.application_key (it needs logs_read_data), and options.site",
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>202 with an object, 200 with an empty one; agents' receivers that stand in for the intake answer with nothing.</summary>
    private static bool IsIntake(HttpAnswer answer) => answer.Status switch
    {
        202 => answer.IsEmpty || answer.Json is not null,
        200 => answer.IsEmpty || (answer.Json is { } root && !root.EnumerateObject().Any()),
        _ => false,
    };

    private static string? Detail(HttpAnswer answer) =>
        answer.Json is { } root && root.TryGetProperty("errors", out JsonElement errors) && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0
        && errors[0].ValueKind == JsonValueKind.Object && errors[0].TryGetProperty("detail", out JsonElement detail) && detail.ValueKind == JsonValueKind.String ? detail.GetString() : null;
}
