using System.Collections.Immutable;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.KafkaRest;

/// <summary>POST of <c>{"records":[…]}</c> to <c>/topics/{topic}</c>. A 200 has an answer for every record, which may be a refusal.</summary>
internal sealed class KafkaRestSender : HttpSender
{
    private const string MediaType = "application/vnd.kafka.json.v2+json";
    private const int Permanent = 1; // error codes of records: 1 never, 2 again

    private readonly Uri _uri;
    private readonly AuthenticationHeaderValue? _authorization;

    public KafkaRestSender(SenderContext context)
        : base(context)
    {
        _uri = new Uri($"{context.Config.Endpoint.TrimEnd('/')}/topics/{context.Config.Text("topic")}");
        _authorization = Authorization.From(context.Secrets);
    }

    /// <summary>Room for an answer about each of the most records.</summary>
    protected override int MaxAnswerBytes => 4 << 20;

    protected override HttpRequestMessage Request(BatchSlice slice)
    {
        ReadOnlyMemory<byte> array = JsonArrayBody.Of(slice);
        byte[] body = [.. "{\"records\":"u8, .. array.Span, (byte)'}'];
        HttpRequestMessage request = new(HttpMethod.Post, _uri) { Content = BodyContent.Create(body, MediaType, gzip: false) };
        request.Headers.Authorization = _authorization;
        request.Headers.TryAddWithoutValidation("Accept", "application/vnd.kafka.v2+json");
        return request;
    }

    protected override DeliveryOutcome Read(HttpAnswer answer, BatchSlice slice) => answer.IsSuccess ? Records(answer, slice) : Refusal(answer);

    /// <summary>The refusal of a whole request, which both versions have in common.</summary>
    internal static DeliveryOutcome Refusal(HttpAnswer answer)
    {
        string? said = answer.Text("message");
        return answer.Status switch
        {
            401 or 403 => DeliveryOutcome.CredentialRejected(Say(answer, said), "check credential.username and password, and what they may write to", answer.Status),
            404 => answer.Misconfigured("check endpoint and options.topic: the topic must be there", said),
            406 or 415 => answer.Misconfigured("the proxy does not speak this version of Confluent's interface with JSON", said),
            422 or 400 => DeliveryOutcome.BadRecord(Say(answer, said), status: answer.Status),
            _ => answer.ByStatus(said),
        };
    }

    private static DeliveryOutcome Records(HttpAnswer answer, BatchSlice slice)
    {
        if (answer.Json is not { } root || !root.TryGetProperty("offsets", out JsonElement offsets) || offsets.ValueKind != JsonValueKind.Array || offsets.GetArrayLength() != slice.Count)
        {
            // Nothing says that the records were taken, so they go again.
            return DeliveryOutcome.RetryLater(ReasonCode.DestinationError, $"HTTP {answer.Status} without an answer for every record", "check that endpoint is a REST proxy", status: answer.Status);
        }

        ImmutableArray<ItemRejection>.Builder refused = ImmutableArray.CreateBuilder<ItemRejection>();
        ImmutableArray<int>.Builder again = ImmutableArray.CreateBuilder<int>();
        string first = "";
        int index = 0;
        foreach (JsonElement offset in offsets.EnumerateArray())
        {
            if (offset.ValueKind != JsonValueKind.Object || !offset.TryGetProperty("error_code", out JsonElement code) || code.ValueKind != JsonValueKind.Number)
            {
                index++;
                continue;
            }

            string error = HttpOutcome.Clean(offset.TryGetProperty("error", out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : "");
            error = error.Length > 0 ? error : "error " + code.GetRawText();
            first = first.Length > 0 ? first : error;
            if (code.TryGetInt32(out int number) && number == Permanent)
            {
                refused.Add(new ItemRejection(index, error));
            }
            else
            {
                again.Add(index);
            }

            index++;
        }

        return Sum(answer.Status, slice.Count, refused.ToImmutable(), again.ToImmutable(), first, Where(offsets, answer.Status));
    }

    /// <summary>What the answers about single records come to.</summary>
    internal static DeliveryOutcome Sum(int status, int count, ImmutableArray<ItemRejection> refused, ImmutableArray<int> again, string first, string where) => (refused.Length, again.Length) switch
    {
        (0, 0) => DeliveryOutcome.Delivered(where, status),
        (0, var all) when all == count => DeliveryOutcome.RetryLater(ReasonCode.DestinationError, first, status: status),
        // All of several refused for good: that is the topic or its rights, and not every single event.
        (var all, _) when all == count && all > 1 => DeliveryOutcome.AllRefused("every record was refused: " + first, "check options.topic and what the credential may write; resume gives a batch up", refused, status),
        _ => DeliveryOutcome.Partial(string.Create(CultureInfo.InvariantCulture, $"HTTP {status}; {refused.Length} refused, {again.Length} again"), first, refused, again),
    };

    /// <summary>Partition and offset of the last record, for the receipt.</summary>
    private static string Where(JsonElement offsets, int status)
    {
        JsonElement last = offsets[offsets.GetArrayLength() - 1];
        return last.ValueKind == JsonValueKind.Object && last.TryGetProperty("partition", out JsonElement partition) && last.TryGetProperty("offset", out JsonElement offset)
            && partition.ValueKind == JsonValueKind.Number && offset.ValueKind == JsonValueKind.Number
            ? $"HTTP {status}; last at {partition.GetRawText()}/{offset.GetRawText()}" : $"HTTP {status}";
    }

    private static string Say(HttpAnswer answer, string? said) => HttpOutcome.Clean(said) is { Length: > 0 } text ? $"HTTP {answer.Status}: {text}" : $"HTTP {answer.Status}";
}
