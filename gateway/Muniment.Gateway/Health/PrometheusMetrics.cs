using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Muniment.Gateway.Health;

/// <summary>
/// What <c>/metrics</c> shows: every instrument of the platform's own meters, of Kestrel, of the runtime and of Orleans, in the Prometheus text format 0.0.4.
/// The OpenTelemetry exporter for it is no stable package, and the format is small.
/// </summary>
public sealed class PrometheusMetrics : IDisposable
{
    /// <summary>Most series of one instrument; further label sets are counted, not kept.</summary>
    public const int MaxSeries = 500;

    private static readonly string[] Meters = ["Muniment.", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Hosting", "System.Runtime", "Microsoft.Orleans"];
    private static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<Instrument, Family> families = new();
    private long dropped;

    /// <summary>Starts to listen.</summary>
    public PrometheusMetrics()
    {
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (Meters.Any(m => instrument.Meter.Name.StartsWith(m, StringComparison.Ordinal)))
            {
                l.EnableMeasurementEvents(instrument, families.GetOrAdd(instrument, i => new Family(i)));
            }
        };
        listener.SetMeasurementEventCallback<long>((i, v, tags, state) => Record(v, tags, state));
        listener.SetMeasurementEventCallback<int>((i, v, tags, state) => Record(v, tags, state));
        listener.SetMeasurementEventCallback<double>((i, v, tags, state) => Record(v, tags, state));
        listener.Start();
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    /// <summary>All series now.</summary>
    public string Render()
    {
        listener.RecordObservableInstruments();
        var text = new StringBuilder(16 * 1024);
        foreach (IGrouping<string, Family> group in families.Values.GroupBy(f => f.Name).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            Family first = group.First();
            text.Append("# HELP ").Append(first.Name).Append(' ').Append(first.Help).Append('\n').Append("# TYPE ").Append(first.Name).Append(' ').Append(first.Type).Append('\n');
            foreach (Family family in group)
            {
                family.Render(text);
            }
        }

        text.Append("# HELP muniment_metrics_dropped_total Measurements of label sets over the limit.\n# TYPE muniment_metrics_dropped_total counter\nmuniment_metrics_dropped_total ")
            .Append(Interlocked.Read(ref dropped)).Append('\n');
        return text.ToString();
    }

    private void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var family = (Family)state!;
        if (family.Find(tags) is not { } series)
        {
            Interlocked.Increment(ref dropped);
        }
        else if (family.IsGauge || family.IsObservable)
        {
            series.Set(value);
        }
        else
        {
            series.Add(value);
        }
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder();
        foreach ((string key, object? value) in tags)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(Name(key)).Append("=\"")
                .Append(Convert.ToString(value, CultureInfo.InvariantCulture)?.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")).Append('"');
        }

        return text.ToString();
    }

    private static string Name(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private sealed class Family(Instrument instrument)
    {
        private readonly ConcurrentDictionary<string, MetricSeries> series = new();

        // The same series by a hash of the tags, so that their text is made once and not at each measurement. At most MaxSeries.
        private readonly ConcurrentDictionary<int, (KeyValuePair<string, object?>[] Tags, MetricSeries Series)> known = new();
        private readonly bool isHistogram = Is(instrument, typeof(Histogram<>));

        public bool IsGauge { get; } = Is(instrument, typeof(Gauge<>)) || Is(instrument, typeof(ObservableGauge<>)) || Is(instrument, typeof(ObservableUpDownCounter<>));

        public bool IsObservable { get; } = instrument.IsObservable;

        public string Help { get; } = (instrument.Description ?? instrument.Name).Replace("\\", "\\\\").Replace("\n", " ");

        public string Type => isHistogram ? "histogram" : IsGauge || Is(instrument, typeof(UpDownCounter<>)) ? "gauge" : "counter";

        public string Name
        {
            get
            {
                string unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", "ms" => "_milliseconds", _ => "" };
                string name = PrometheusMetrics.Name(instrument.Name);
                name = name.EndsWith(unit, StringComparison.Ordinal) ? name : name + unit;
                return Type == "counter" && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
            }
        }

        public MetricSeries? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var hash = default(HashCode);
            foreach ((string key, object? value) in tags)
            {
                hash.Add(key);
                hash.Add(value);
            }

            int number = hash.ToHashCode();
            if (known.TryGetValue(number, out (KeyValuePair<string, object?>[] Tags, MetricSeries Series) one) && AreEqual(one.Tags, tags))
            {
                return one.Series;
            }

            MetricSeries? found = Find(Labels(tags));
            if (found is not null && known.Count < MaxSeries)
            {
                known.TryAdd(number, (tags.ToArray(), found));
            }

            return found;
        }

        private static bool AreEqual(KeyValuePair<string, object?>[] known, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            bool equal = known.Length == tags.Length;
            for (int i = 0; equal && i < known.Length; i++)
            {
                equal = known[i].Key == tags[i].Key && Equals(known[i].Value, tags[i].Value);
            }

            return equal;
        }

        private MetricSeries? Find(string labels) =>
            series.TryGetValue(labels, out MetricSeries? found) ? found : series.Count >= MaxSeries ? null : series.GetOrAdd(labels, l => new MetricSeries(l, isHistogram ? Bounds : null));

        public void Render(StringBuilder text)
        {
            foreach (MetricSeries one in series.Values)
            {
                (double sum, long count, long[]? buckets) = one.Read();
                if (buckets is null)
                {
                    Line(text, Name, one.Labels, sum);
                    continue;
                }

                long cumulated = 0;
                for (int i = 0; i < buckets.Length; i++)
                {
                    cumulated += buckets[i];
                    string bound = i < Bounds.Length ? Bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                    Line(text, Name + "_bucket", one.Labels.Length == 0 ? $"le=\"{bound}\"" : $"{one.Labels},le=\"{bound}\"", cumulated);
                }

                Line(text, Name + "_sum", one.Labels, sum);
                Line(text, Name + "_count", one.Labels, count);
            }
        }

        private static void Line(StringBuilder text, string name, string labels, double value)
        {
            text.Append(name);
            if (labels.Length > 0)
            {
                text.Append('{').Append(labels).Append('}');
            }

            text.Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
        }

        private static bool Is(Instrument instrument, Type open) => instrument.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == open;
    }
}
