using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;
using Muniment.Events;

namespace Muniment.Delivery.Kinds.Loki;

/// <summary>
/// Reads Loki's 400, which is a text: the valid entries of the request <b>are stored</b>, and the refused ones are named by their times, as far as there is room. When the names
/// are complete, those records alone are refused; otherwise halves find them, and what is stored twice by that is one entry for Loki, because time and line are the same.
/// </summary>
internal static partial class LokiRefusal
{
    /// <param name="answer">The 400.</param>
    /// <param name="slice">What was sent.</param>
    /// <param name="of">In how many streams.</param>
    public static DeliveryOutcome Read(HttpAnswer answer, BatchSlice slice, int of)
    {
        string text = Encoding.UTF8.GetString(answer.Body.Span);
        string said = Reason(text);
        if (text.Contains("structured metadata", StringComparison.OrdinalIgnoreCase) && (text.Contains("disabled", StringComparison.OrdinalIgnoreCase) || text.Contains("allow_structured_metadata", StringComparison.Ordinal)))
        {
            return answer.Misconfigured("set allow_structured_metadata in Loki's limits (schema v13, Loki 3)", said);
        }

        if (of > 1 && slice.Count > 1)
        {
            return DeliveryOutcome.BadRecord($"HTTP 400: {said}", status: 400); // an ingester tells only of the last stream that had refusals, so each stream is asked alone
        }

        (long ignored, long all) = Total().Match(text) is { Success: true } total
            ? (long.Parse(total.Groups[1].ValueSpan, CultureInfo.InvariantCulture), long.Parse(total.Groups[2].ValueSpan, CultureInfo.InvariantCulture))
            : (0, 0);
        bool old = text.Contains("too far behind", StringComparison.Ordinal) || text.Contains("too old", StringComparison.Ordinal) || text.Contains("out of order", StringComparison.Ordinal);
        if (old && slice.Count > 1 && ignored == slice.Count && all == slice.Count)
        {
            return DeliveryOutcome.AllRefused(
                $"HTTP 400: {said}", "every event is too old for Loki: raise reject_old_samples_max_age (and max_chunk_age) in its limits; resume gives a batch up",
                [.. Enumerable.Range(0, slice.Count).Select(i => new ItemRejection(i, said))], 400);
        }

        ImmutableArray<ItemRejection> named = Named(text, slice);
        return named.Length > 0 && named.Length == ignored && ignored < slice.Count
            ? DeliveryOutcome.Partial($"HTTP 400; {slice.Count - named.Length} stored", named[0].Message, named, [])
            : DeliveryOutcome.BadRecord($"HTTP 400: {said}", status: 400);
    }

    private static ImmutableArray<ItemRejection> Named(string text, BatchSlice slice)
    {
        Dictionary<long, int> byTime = [];
        HashSet<long> twice = [];
        for (int i = 0; i < slice.Count; i++)
        {
            long time = LokiStreams.TimeOf(slice.BytesOf(i).Span);
            if (!byTime.TryAdd(time, i))
            {
                twice.Add(time); // a time of two entries names neither
            }
        }

        ImmutableArray<ItemRejection>.Builder named = ImmutableArray.CreateBuilder<ItemRejection>();
        foreach (Match match in Entry().Matches(text))
        {
            if (Timestamps.TryParse($"{match.Groups[1].ValueSpan}T{match.Groups[2].ValueSpan}Z", out long time) && !twice.Contains(time) && byTime.Remove(time, out int index))
            {
                named.Add(new ItemRejection(index, HttpOutcome.Clean(match.Groups[3].Value)));
            }
        }

        return named.ToImmutable();
    }

    /// <summary>Why, without the stream and the times.</summary>
    private static string Reason(string text) => Entry().Match(text) is { Success: true } entry ? HttpOutcome.Clean(entry.Groups[3].Value) : HttpOutcome.Clean(text);

    [GeneratedRegex(@"entry with timestamp (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,9})?) \+0000 UTC ignored, reason: '([^']{1,400})'", RegexOptions.None, 1000)]
    private static partial Regex Entry();

    [GeneratedRegex(@"total ignored: (\d{1,9}) out of (\d{1,9})", RegexOptions.None, 1000)]
    private static partial Regex Total();
}
