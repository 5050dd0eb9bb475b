using Google.Protobuf;
using Muniment.Events.Tests.Otlp.Oracle;

namespace Muniment.Events.Tests.Otlp;

/// <summary>Requests as an agent sends them, built with the oracle's own classes.</summary>
internal static class Samples
{
    public const long ReceivedNs = 1_795_247_200_000_000_000;
    public const long TimeNs = 1_795_247_113_787_000_000;

    public static byte[] TraceId { get; } = Convert.FromHexString("5B8EFFF798038103D269B633813FC60C");

    public static byte[] SpanId { get; } = Convert.FromHexString("EEE19B7EC3C1B174");

    public static KeyValue Attribute(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    public static KeyValue Attribute(string key, long value) => new() { Key = key, Value = new AnyValue { IntValue = value } };

    public static KeyValue Attribute(string key, double value) => new() { Key = key, Value = new AnyValue { DoubleValue = value } };

    public static Resource Resource(params KeyValue[] more)
    {
        var resource = new Resource { Attributes = { Attribute("service.name", "billing-agent"), Attribute("service.version", "1.2.3"), Attribute("host.name", "vm") } };
        resource.Attributes.AddRange(more);
        return resource;
    }

    /// <summary>About 640 bytes with 15 attributes.</summary>
    public static LogRecord Log(params KeyValue[] more)
    {
        var log = new LogRecord
        {
            TimeUnixNano = TimeNs, ObservedTimeUnixNano = TimeNs + 1000, SeverityNumber = SeverityNumber.Info, SeverityText = "INFO",
            Body = new AnyValue { StringValue = "agent.tool_result" }, Flags = 1, TraceId = ByteString.CopyFrom(TraceId), SpanId = ByteString.CopyFrom(SpanId),
            Attributes =
            {
                Attribute("event.name", "tool.result"), Attribute("session.id", "328725b2-d125-4acb-a11d-dd2b34b418f1"), Attribute("user.email", "j@acme.com"),
                Attribute("correlation_id", "c-0001"), Attribute("gen_ai.request.model", "gpt-4o-mini"), Attribute("gen_ai.tool.name", "exec_command"),
                Attribute("gen_ai.tool.call.id", "call_8f4c2"), Attribute("gen_ai.usage.input_tokens", 1200), Attribute("gen_ai.usage.output_tokens", 80),
                Attribute("gen_ai.usage.cache_read.input_tokens", 200), Attribute("duration_ms", 12.5), Attribute("success", "true"),
                Attribute("terminal.type", "vscode"), Attribute("prompt.id", "1d1cc497-8af0-4af6-b216-92bc5e1f97b5"),
            },
        };
        log.Attributes.Add(new KeyValue { Key = "interactive", Value = new AnyValue { BoolValue = true } });
        log.Attributes.AddRange(more);
        return log;
    }

    public static Span Span(params KeyValue[] more)
    {
        var span = new Span
        {
            TraceId = ByteString.CopyFrom(TraceId), SpanId = ByteString.CopyFrom(SpanId), ParentSpanId = ByteString.CopyFrom(SpanId), TraceState = "a=b", Flags = 0x101,
            Name = "chat gpt-4o", Kind = SpanKind.Client, StartTimeUnixNano = TimeNs, EndTimeUnixNano = TimeNs + 1_500_000_000,
            Attributes = { Attribute("gen_ai.conversation.id", "conv-1"), Attribute("user.id", 42) }, DroppedAttributesCount = 3,
            Events = { new SpanEvent { TimeUnixNano = TimeNs + 5, Name = "first token", Attributes = { Attribute("n", 1) } } },
            Links = { new SpanLink { TraceId = ByteString.CopyFrom(TraceId), SpanId = ByteString.CopyFrom(SpanId), Attributes = { Attribute("why", "retry") } } },
            Status = new Status { Code = StatusCode.Error, Message = "upstream said no" },
        };
        span.Attributes.AddRange(more);
        return span;
    }

    public static IEnumerable<Metric> Metrics()
    {
        var exemplar = new Exemplar { TimeUnixNano = TimeNs, AsInt = -5, SpanId = ByteString.CopyFrom(SpanId), FilteredAttributes = { Attribute("k", "v") } };
        yield return new Metric { Name = "g", Unit = "1", Gauge = new Gauge { DataPoints = { new NumberDataPoint { TimeUnixNano = TimeNs, AsDouble = double.NaN, Flags = 1 } } } };
        yield return new Metric
        {
            Name = "tokens", Description = "tokens used", Unit = "{token}",
            Sum = new Sum
            {
                AggregationTemporality = AggregationTemporality.Delta, IsMonotonic = true,
                DataPoints = { new NumberDataPoint { StartTimeUnixNano = TimeNs - 60, TimeUnixNano = TimeNs + 7, AsInt = long.MaxValue, Attributes = { Attribute("type", "input") }, Exemplars = { exemplar } } },
            },
        };
        yield return new Metric
        {
            Name = "h",
            Histogram = new Histogram
            {
                AggregationTemporality = AggregationTemporality.Cumulative,
                DataPoints = { new HistogramDataPoint { TimeUnixNano = TimeNs, Count = 3, Sum = 0, BucketCounts = { 1, 2, 0 }, ExplicitBounds = { 0.5, 10 }, Min = 0, Max = 9.5 } },
            },
        };
        yield return new Metric
        {
            Name = "e",
            ExponentialHistogram = new ExponentialHistogram
            {
                DataPoints = { new ExponentialHistogramDataPoint { TimeUnixNano = TimeNs, Count = ulong.MaxValue, Scale = -3, ZeroCount = 1, Positive = new Buckets { Offset = -7, BucketCounts = { 5, ulong.MaxValue } }, ZeroThreshold = 1e-9 } },
            },
        };
        yield return new Metric
        {
            Name = "s",
            Summary = new Summary { DataPoints = { new SummaryDataPoint { TimeUnixNano = TimeNs, Count = 2, Sum = 1.5, QuantileValues = { new ValueAtQuantile { Quantile = 0.99, Value = -2.5 } } } } },
            Metadata = { Attribute("prometheus.type", "summary") },
        };
    }

    public static ExportLogsServiceRequest Logs(int records = 3) => new()
    {
        ResourceLogs =
        {
            new ResourceLogs
            {
                Resource = Resource(), SchemaUrl = "https://opentelemetry.io/schemas/1.41.1",
                ScopeLogs =
                {
                    new ScopeLogs { Scope = new InstrumentationScope { Name = "agent", Version = "2" }, LogRecords = { Enumerable.Range(0, records).Select(_ => Log()) } },
                    new ScopeLogs { LogRecords = { new LogRecord(), new LogRecord { Body = new AnyValue { ArrayValue = new ArrayValue { Values = { new AnyValue(), new AnyValue { BytesValue = ByteString.CopyFrom(1, 2) } } } } } } },
                },
            },
            new ResourceLogs { ScopeLogs = { new ScopeLogs { SchemaUrl = "u", LogRecords = { Log(Attribute("last", "one")) } } } },
        },
    };

    public static ExportTraceServiceRequest Traces() => new()
    {
        ResourceSpans = { new ResourceSpans { Resource = Resource(), ScopeSpans = { new ScopeSpans { Scope = new InstrumentationScope { Name = "t" }, Spans = { Span(), new Span { Name = "x" }, new Span() } } } } },
    };

    public static ExportMetricsServiceRequest MetricsRequest() => new()
    {
        ResourceMetrics = { new ResourceMetrics { Resource = Resource(Attribute("session.id", "s-9")), ScopeMetrics = { new ScopeMetrics { Scope = new InstrumentationScope { Name = "m" }, Metrics = { Metrics() } } } } },
    };
}
