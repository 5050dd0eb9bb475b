using System.Collections.Concurrent;
using System.Collections.Immutable;
using Muniment.Delivery.Configuration;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Policy.Detectors;
using Muniment.Policy.Redaction;

namespace Muniment.Grains.Destinations;

/// <summary>The platform's detectors for <c>redact</c>. Compiled sets are kept by their names: a batch asks for its own each time.</summary>
public sealed class PolicyRedactions : IRedactionCompiler
{
    private const int MaxKept = 256;

    private readonly ConcurrentDictionary<string, EventRedactor> _kept = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IEventRedaction? Compile(ImmutableArray<string> names, out string? expected)
    {
        expected = null;
        string key = string.Join(',', names);
        if (!_kept.TryGetValue(key, out EventRedactor? redactor))
        {
            if (DetectorSet.TryCreate(names, [], out DetectorError? error) is not { } set)
            {
                expected = $"for '{error!.Name}' {error.Expected}";
                return null;
            }

            redactor = new EventRedactor(set);
            if (_kept.Count < MaxKept)
            {
                _kept.TryAdd(key, redactor);
            }
        }

        return new Redaction(redactor, names);
    }

    private sealed class Redaction(EventRedactor redactor, ImmutableArray<string> names) : IEventRedaction
    {
        private readonly DetectorCounts _counts = new(redactor.Set);

        public ImmutableArray<string> Names { get; } = [.. names.Select(DetectorSet.TypeOf)];

        public void Redact(CanonicalEvent value) => redactor.Redact(value, _counts);

        public StoredEvent Redact(in StoredEvent stored) => redactor.Redact(stored, _counts);

        public long[] Take()
        {
            long[] taken = [.. names.Select(n => (long)_counts.Of(n))];
            _counts.Clear();
            return taken;
        }
    }
}
