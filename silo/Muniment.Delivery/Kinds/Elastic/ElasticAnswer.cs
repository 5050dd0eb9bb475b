using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds.Elastic;

/// <summary>
/// Reads what a bulk request did to each document: 2xx stored; 409 was stored before under this id, so it is delivered; 429 and 5xx again; a block of the whole index later; a
/// privilege or index that is missing pauses, and so does the refusal of all of several documents; everything else refuses that document alone.
/// </summary>
internal static class ElasticAnswer
{
    public static DeliveryOutcome Read(HttpAnswer answer, int count)
    {
        if (answer.Json is not { } root || !root.TryGetProperty("errors", out JsonElement errors) || errors.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            // What was stored is not known, and sending again is safe: the ids are ours.
            return answer.Json is null
                ? DeliveryOutcome.RetryLater(ReasonCode.DestinationError, "the answer to _bulk cannot be read", "check that nothing between us and Elasticsearch changes answers", status: answer.Status)
                : DeliveryOutcome.Misconfigured("the answer is not that of _bulk", "check the base URL in endpoint", ReasonCode.TransportMismatch, answer.Status);
        }

        if (errors.ValueKind == JsonValueKind.False)
        {
            return DeliveryOutcome.Delivered($"HTTP {answer.Status}; {count} created", answer.Status);
        }

        if (!root.TryGetProperty("items", out JsonElement items) || items.ValueKind != JsonValueKind.Array || items.GetArrayLength() != count)
        {
            return DeliveryOutcome.RetryLater(ReasonCode.DestinationError, "the answer to _bulk does not speak of every document", status: answer.Status);
        }

        return OfItems(answer.Status, items, count);
    }

    private static DeliveryOutcome OfItems(int status, JsonElement items, int count)
    {
        ImmutableArray<ItemRejection>.Builder rejected = ImmutableArray.CreateBuilder<ItemRejection>();
        ImmutableArray<int>.Builder again = ImmutableArray.CreateBuilder<int>();
        DeliveryOutcome? whole = null;
        string later = "";
        int known = 0;
        int index = 0;
        foreach (JsonElement item in items.EnumerateArray())
        {
            (int itemStatus, string type, string reason) = ReadItem(item);
            switch (itemStatus)
            {
                case >= 200 and < 300:
                    break;
                case 409:
                    known++;
                    break;
                case 403 or 429 when type == "cluster_block_exception":
                    whole ??= DeliveryOutcome.RetryLater(ReasonCode.DestinationError, $"{type}: {reason}", "the index is blocked; mostly the disk of Elasticsearch is full", status: itemStatus);
                    break;
                case 401 or 403:
                    whole ??= DeliveryOutcome.CredentialRejected($"{type}: {reason}", "the key needs create_doc and auto_configure on the data stream", itemStatus);
                    break;
                case 404:
                    whole ??= DeliveryOutcome.Misconfigured($"{type}: {reason}", "create the index template, or check options.data_stream", status: itemStatus);
                    break;
                case 429 or >= 500 or 0:
                    again.Add(index);
                    later = itemStatus == 0 ? "an item without a status" : $"{itemStatus} {type}";
                    break;
                default:
                    rejected.Add(new ItemRejection(index, reason.Length > 0 ? $"{type}: {reason}" : $"HTTP {itemStatus}"));
                    break;
            }

            index++;
        }

        // Whatever this request has stored already answers 409 when it comes again.
        string response = $"HTTP {status}; {count - known - rejected.Count - again.Count} created" + (known > 0 ? $", {known} were there" : "");
        return whole is not null ? whole
            : again.Count == count ? DeliveryOutcome.RetryLater(later.StartsWith("429", StringComparison.Ordinal) ? ReasonCode.RateLimited : ReasonCode.DestinationError, later, "Elasticsearch is overloaded", status: status)
            // All of several refused for good: that is a pipeline, the mapping or a limit of the index, and not every single event.
            : rejected.Count == count && count > 1 ? DeliveryOutcome.AllRefused("every document was refused: " + rejected[0].Message, "check index template, mapping, ingest pipeline and limits of the data stream; resume gives a batch up", rejected.ToImmutable(), status)
            : rejected.Count + again.Count == 0 ? DeliveryOutcome.Delivered(response, status)
            : DeliveryOutcome.Partial(response, rejected.Count > 0 ? rejected[0].Message : later, rejected.ToImmutable(), again.ToImmutable());
    }

    private static (int Status, string Type, string Reason) ReadItem(JsonElement item)
    {
        foreach (JsonProperty action in item.ValueKind == JsonValueKind.Object ? item.EnumerateObject() : default)
        {
            if (action.Value.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            int status = action.Value.TryGetProperty("status", out JsonElement number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out int read) ? read : 0;
            bool failed = action.Value.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.Object;
            return (status, failed ? Text(error, "type") : "", failed ? Text(error, "reason") : "");
        }

        return (0, "", "");
    }

    private static string Text(JsonElement error, string name) =>
        error.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String ? HttpOutcome.Clean(text.GetString()) : "";
}
