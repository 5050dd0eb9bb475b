using System.Collections.Immutable;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.KafkaRest;

/// <summary>
/// Version 3: POST of records one after another to <c>/v3/clusters/{cluster}/topics/{topic}/records</c>; the answer is one object a record, in their order, each with a status
/// of its own in <c>error_code</c>. A proxy that stops in the middle leaves the rest unanswered.
/// </summary>
internal sealed class KafkaVersion3Sender : HttpSender
{
    private readonly Uri _uri;
    private readonly AuthenticationHeaderValue? _authorization;

    public KafkaVersion3Sender(SenderContext context)
        : base(context)
    {
        _uri = new Uri($"{context.Config.Endpoint.TrimEnd('/')}/v3/clusters/{context.Config.Text("cluster")}/topics/{context.Config.Text("topic")}/records");
        _authorization = Authorization.From(context.Secrets);
    }

    /// <summary>Room for an answer about each of the most records.</summary>
    protected override int MaxAnswerBytes => 8 << 20;

    protected override HttpRequestMessage Request(BatchSlice slice)
    {
        HttpRequestMessage request = new(HttpMethod.Post, _uri) { Content = BodyContent.Create(slice.Concatenate(), "application/json", gzip: false) };
        request.Headers.Authorization = _authorization;
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        return request;
    }

    protected override DeliveryOutcome Read(HttpAnswer answer, BatchSlice slice) => answer.IsSuccess ? Records(answer, slice) : KafkaRestSender.Refusal(answer);

    private static DeliveryOutcome Records(HttpAnswer answer, BatchSlice slice)
    {
        ImmutableArray<ItemRejection>.Builder refused = ImmutableArray.CreateBuilder<ItemRejection>();
        ImmutableArray<int>.Builder again = ImmutableArray.CreateBuilder<int>();
        string first = "";
        string where = $"HTTP {answer.Status}";
        int index = 0;
        foreach (JsonElement record in Objects(answer.Body))
        {
            if (index == slice.Count)
            {
                break;
            }

            int status = record.TryGetProperty("error_code", out JsonElement code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out int number) ? number : 0;
            string said = record.TryGetProperty("message", out JsonElement text) && text.ValueKind == JsonValueKind.String ? HttpOutcome.Clean(text.GetString()) : "";
            string error = said.Length > 0 ? said : string.Create(CultureInfo.InvariantCulture, $"error {status}");
            switch (status)
            {
                case >= 200 and < 300:
                    where = record.TryGetProperty("partition_id", out JsonElement partition) && record.TryGetProperty("offset", out JsonElement offset)
                        && partition.ValueKind == JsonValueKind.Number && offset.ValueKind == JsonValueKind.Number ? $"HTTP {answer.Status}; last at {partition.GetRawText()}/{offset.GetRawText()}" : where;
                    break;
                case 401 or 403:
                    // What was taken before goes out again with the rest: the proxy has no way to say less.
                    return DeliveryOutcome.CredentialRejected($"{status}: {error}", "check credential.username and password, and what they may write to", status);
                case 404:
                    return DeliveryOutcome.Misconfigured($"404: {error}", "check options.cluster and topic: the topic must be there", status: 404);
                case >= 400 and < 500 and not 408 and not 429:
                    refused.Add(new ItemRejection(index, error));
                    first = first.Length > 0 ? first : error;
                    break;
                default:
                    again.Add(index);
                    first = first.Length > 0 ? first : error;
                    break;
            }

            index++;
        }

        first = first.Length > 0 ? first : "the proxy did not answer for every record";
        for (; index < slice.Count; index++)
        {
            again.Add(index);
        }

        return KafkaRestSender.Sum(answer.Status, slice.Count, refused.ToImmutable(), again.ToImmutable(), first, where);
    }

    /// <summary>Objects one after another, up to the first thing that is none.</summary>
    private static List<JsonElement> Objects(ReadOnlyMemory<byte> body)
    {
        List<JsonElement> found = [];
        Utf8JsonReader reader = new(body.Span, new JsonReaderOptions { AllowMultipleValues = true });
        try
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                found.Add(JsonElement.ParseValue(ref reader));
            }
        }
        catch (JsonException)
        {
            // cut off
        }

        return found;
    }
}
