using System.Collections.Immutable;
using System.Text;
using Muniment.Policy.Detectors;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Redaction;

namespace Muniment.Gateway.Deciding;

/// <summary>Runs a pending verdict's detectors on whole texts: counts all that they find, and replaces what the rules that act want replaced.</summary>
internal static class TextInspector
{
    /// <summary>Inspects texts.</summary>
    /// <param name="pending">The verdict.</param>
    /// <param name="texts">All texts.</param>
    /// <param name="redacted">For each text the one with replacements, the very same when there are none.</param>
    /// <param name="notScanned">What stands in the place of a text that a detector of a redacting rule with <c>fail: closed</c> could not look at; null where the verdict itself follows from that.</param>
    public static Inspection Inspect(Verdict pending, ImmutableArray<InspectedText> texts, out ImmutableArray<string> redacted, string? notScanned = null)
    {
        redacted = [.. texts.Select(text => text.Text)];
        DetectorSet set = KnownDetectors.Usable(pending.LookFor), replacing = KnownDetectors.Usable(pending.RedactWith);
        DetectorReference[] closed = notScanned is null ? [] : [.. pending.Detections.Where(d => d is { Mode: PolicyMode.Enforce, Then: PolicyEffect.Redact, IsClosed: true }).SelectMany(d => d.Detect)];
        bool isBlind = closed.Any(detector => !replacing.Names.Contains(detector.Name));
        HashSet<string> closedTypes = [.. closed.SelectMany(detector => KnownDetectors.Of([detector])?.Types ?? [])];

        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (string name in set.Types)
        {
            counts[name] = 0;
        }

        var fields = ImmutableArray.CreateBuilder<FieldFinding>();
        var failed = new HashSet<string>(StringComparer.Ordinal);
        var changed = redacted.ToBuilder();
        var redactor = new JsonRedactor(replacing);
        var looker = new JsonRedactor(set);
        long scanned = 0;
        bool altered = false;
        for (int i = 0; i < texts.Length; i++)
        {
            string text = texts[i].Text;
            scanned += Encoding.UTF8.GetByteCount(text);
            string name = NameOf(texts[i].Pointer);
            RedactionResult looked = looker.RedactText(name, text);
            failed.UnionWith(looked.Failed);
            if (isBlind || closedTypes.Overlaps(looked.Failed))
            {
                changed[i] = notScanned!;
                altered = true;
            }

            if (!looked.Changed)
            {
                continue;
            }

            foreach ((string type, int count) in Found(set, text, looked))
            {
                counts[type] = counts.GetValueOrDefault(type) + count;
                fields.Add(new FieldFinding(texts[i].Pointer, type, count));
            }

            if (!replacing.IsEmpty && !ReferenceEquals(changed[i], notScanned))
            {
                RedactionResult result = redactor.RedactText(name, text);
                changed[i] = result.Text;
                altered |= result.Changed;
            }
        }

        redacted = changed.MoveToImmutable();
        return new Inspection
        {
            Find = detector => Finding(detector, set, counts, failed), Counts = [.. counts], Fields = fields.DrainToImmutable(), DetectorSet = set.Version, ScannedBytes = scanned, IsAltered = altered,
        };
    }

    // The last part of the pointer: the name of the value, or its place in an array.
    private static string NameOf(string pointer) => pointer[(pointer.LastIndexOf('/') + 1)..];

    // Where finds overlap, a redaction counts one of them; a rule that looks for the other must see it too. In JSON within a text the redaction's own count has to do.
    private static IEnumerable<KeyValuePair<string, int>> Found(DetectorSet set, string text, RedactionResult looked)
    {
        var found = looked.Counts.Hits().ToDictionary(hit => hit.Key, hit => hit.Value, StringComparer.Ordinal);
        foreach (IGrouping<string, Detection> type in set.Find(text).GroupBy(detection => detection.Type))
        {
            found[type.Key] = Math.Max(found.GetValueOrDefault(type.Key), type.Count());
        }

        return found.OrderBy(type => type.Key, StringComparer.Ordinal);
    }

    private static DetectorFinding Finding(DetectorReference detector, DetectorSet set, SortedDictionary<string, int> counts, HashSet<string> failed)
    {
        if (!set.Names.Contains(detector.Name) || KnownDetectors.Of([detector]) is not { } own)
        {
            return new DetectorFinding(0, "it cannot be used, or not together with the others");
        }

        int count = 0;
        string? failure = null;
        foreach (string type in own.Types)
        {
            count += counts.GetValueOrDefault(type);
            failure ??= failed.Contains(type) ? "it took too much work" : null;
        }

        return new DetectorFinding(count, failure);
    }
}
