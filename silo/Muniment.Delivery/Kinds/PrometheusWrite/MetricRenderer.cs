using System.Buffers;
using System.Text;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Kinds.OtlpHttp;
using Muniment.Events;

namespace Muniment.Delivery.Kinds.PrometheusWrite;

/// <summary>An OTLP <c>Metric</c> as series by OpenTelemetry's rules for Prometheus: gauges, sums, histograms and summaries; of exponential histograms count and sum.</summary>
internal sealed class MetricRenderer(RenderContext context) : IEventRenderer
{
    private const int Gauge = 5, Sum = 7, Histogram = 9, ExponentialHistogram = 10, Summary = 11;
    private const int DeltaTemporality = 1;

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        if (value.Stored.Kind != EntryKind.Metric)
        {
            WriteTest(value, output);
            return 0;
        }

        string name = "";
        string unit = "";
        int kind = 0;
        ReadOnlySpan<byte> data = default;
        ReadOnlySpan<byte> metric = value.Stored.Record.Span;
        while (Proto.TryReadField(ref metric, out int field, out _, out ReadOnlySpan<byte> bytes))
        {
            switch (field)
            {
                case 1:
                    name = Encoding.UTF8.GetString(bytes);
                    break;
                case 3:
                    unit = Encoding.UTF8.GetString(bytes);
                    break;
                case Gauge or Sum or Histogram or ExponentialHistogram or Summary:
                    kind = field;
                    data = bytes;
                    break;
            }
        }

        WritePoints(value.Stored, name, unit, kind, data, output);
        return 0;
    }

    private static void WritePoints(in StoredEvent stored, string name, string unit, int kind, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        bool delta = false;
        bool monotonic = false;
        ReadOnlySpan<byte> head = data;
        while (Proto.TryReadField(ref head, out int field, out ulong number, out _))
        {
            delta |= field == 2 && number == DeltaTemporality;
            monotonic |= field == 3 && number != 0;
        }

        string full = MetricName.Of(name, unit, counter: kind == Sum && monotonic, delta, gauge: kind == Gauge);
        LabelSet resource = ReadResource(stored.Resource.Span);
        while (Proto.TryReadField(ref data, out int field, out _, out ReadOnlySpan<byte> point))
        {
            if (field == 1)
            {
                MetricPoint read = MetricPoint.Read(point, kind is Histogram ? 9 : kind is ExponentialHistogram ? 1 : 7, resource, stored.ReceivedNs);
                switch (kind)
                {
                    case Gauge or Sum:
                        read.WriteNumber(full, point, output);
                        break;
                    case Histogram:
                        read.WriteHistogram(full, point, output);
                        break;
                    case ExponentialHistogram:
                        read.WriteCountAndSum(full, point, output);
                        break;
                    default:
                        read.WriteSummary(full, point, output);
                        break;
                }
            }
        }
    }

    /// <summary><c>job</c> and <c>instance</c> from the service's attributes; other attributes of the resource are not labels.</summary>
    private static LabelSet ReadResource(ReadOnlySpan<byte> resourceMetrics)
    {
        string service = "", space = "", instance = "";
        while (Proto.TryReadField(ref resourceMetrics, out int field, out _, out ReadOnlySpan<byte> resource))
        {
            while (field == 1 && Proto.TryReadField(ref resource, out int inner, out _, out ReadOnlySpan<byte> attribute))
            {
                if (inner == 1)
                {
                    (string key, string text) = LabelSet.ReadAttribute(attribute);
                    (service, space, instance) = key switch
                    {
                        "service.name" => (text, space, instance),
                        "service.namespace" => (service, text, instance),
                        "service.instance.id" => (service, space, text),
                        _ => (service, space, instance),
                    };
                }
            }
        }

        LabelSet labels = new();
        labels.Set("job", space.Length > 0 && service.Length > 0 ? space + "/" + service : service);
        labels.Set("instance", instance);
        return labels;
    }

    /// <summary>The connection test's event: a series of its own with the value 1.</summary>
    private void WriteTest(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        LabelSet labels = new();
        labels.Set("event_id", value.Id);
        labels.Set("destination", context.Config.Id);
        labels.WriteSample(PrometheusSender.TestMetric, 1, value.Event!.TimeNs / 1_000_000, output);
    }
}
