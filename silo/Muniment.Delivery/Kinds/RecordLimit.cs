using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Kinds;

/// <summary>A limit on single records that a destination enforces by cutting without a word: a record over it is never sent, it becomes a dead letter that says so.</summary>
internal static class RecordLimit
{
    /// <summary>Null when all fit. Among others, the record is named, so that it goes alone; alone it is too large.</summary>
    public static DeliveryOutcome? Check(BatchSlice slice, int maxBytes, string what)
    {
        for (int i = 0; i < slice.Count; i++)
        {
            if (slice[i].Length > maxBytes)
            {
                string message = $"not sent: the event has {slice[i].Length} bytes, and {what}";
                return slice.Count == 1 ? DeliveryOutcome.TooLarge(message, foreseen: true) : DeliveryOutcome.BadRecord(message, i);
            }
        }

        return null;
    }
}
