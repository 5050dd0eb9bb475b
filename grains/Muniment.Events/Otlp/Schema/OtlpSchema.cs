namespace Muniment.Events.Otlp.Schema;

/// <summary>
/// The messages of OTLP 1.x (opentelemetry-proto, <c>opentelemetry/proto/{common,resource,logs,trace,metrics,collector}/v1</c>). One table serves the
/// validator, the JSON transcoder in both directions and the cutter of leaking attributes.
/// </summary>
internal static class OtlpSchema
{
    public static readonly MessageSchema AnyValue = new("AnyValue", MessageRole.AnyValue,
        One(1, "string_value", FieldKind.String), One(2, "bool_value", FieldKind.Bool), One(3, "int_value", FieldKind.Int64),
        One(4, "double_value", FieldKind.Double), One(5, "array_value", FieldKind.Message, () => ArrayValue!),
        One(6, "kvlist_value", FieldKind.Message, () => KeyValueList!), One(7, "bytes_value", FieldKind.Bytes));

    public static readonly MessageSchema ArrayValue = new("ArrayValue", MessageRole.ArrayValue, Many(1, "values", () => AnyValue));

    public static readonly MessageSchema KeyValue = new("KeyValue", MessageRole.KeyValue, F(1, "key", FieldKind.String), M(2, "value", () => AnyValue));

    public static readonly MessageSchema KeyValueList = new("KeyValueList", MessageRole.KeyValueList, Many(1, "values", () => KeyValue));

    public static readonly MessageSchema EntityRef = new("EntityRef", MessageRole.Other,
        F(1, "schema_url", FieldKind.String), F(2, "type", FieldKind.String), Many(3, "id_keys", FieldKind.String), Many(4, "description_keys", FieldKind.String));

    public static readonly MessageSchema Resource = new("Resource", MessageRole.Other,
        Attributes(1), F(2, "dropped_attributes_count", FieldKind.UInt32), Many(3, "entity_refs", () => EntityRef));

    public static readonly MessageSchema Scope = new("InstrumentationScope", MessageRole.Other,
        F(1, "name", FieldKind.String), F(2, "version", FieldKind.String), Attributes(3), F(4, "dropped_attributes_count", FieldKind.UInt32));

    public static readonly MessageSchema LogRecord = new("LogRecord", MessageRole.Record,
        F(1, "time_unix_nano", FieldKind.Time), F(11, "observed_time_unix_nano", FieldKind.Time), F(2, "severity_number", FieldKind.Enum),
        F(3, "severity_text", FieldKind.String), M(5, "body", () => AnyValue), Attributes(6), F(7, "dropped_attributes_count", FieldKind.UInt32),
        F(8, "flags", FieldKind.Fixed32), F(9, "trace_id", FieldKind.Id), F(10, "span_id", FieldKind.Id), F(12, "event_name", FieldKind.String));

    public static readonly MessageSchema SpanEvent = new("Event", MessageRole.Other,
        F(1, "time_unix_nano", FieldKind.Time), F(2, "name", FieldKind.String), Attributes(3), F(4, "dropped_attributes_count", FieldKind.UInt32));

    public static readonly MessageSchema SpanLink = new("Link", MessageRole.Other,
        F(1, "trace_id", FieldKind.Id), F(2, "span_id", FieldKind.Id), F(3, "trace_state", FieldKind.String), Attributes(4),
        F(5, "dropped_attributes_count", FieldKind.UInt32), F(6, "flags", FieldKind.Fixed32));

    public static readonly MessageSchema Status = new("Status", MessageRole.Other, F(2, "message", FieldKind.String), F(3, "code", FieldKind.Enum));

    public static readonly MessageSchema Span = new("Span", MessageRole.Record,
        F(1, "trace_id", FieldKind.Id), F(2, "span_id", FieldKind.Id), F(3, "trace_state", FieldKind.String), F(4, "parent_span_id", FieldKind.Id),
        F(16, "flags", FieldKind.Fixed32), F(5, "name", FieldKind.String), F(6, "kind", FieldKind.Enum), F(7, "start_time_unix_nano", FieldKind.Time),
        F(8, "end_time_unix_nano", FieldKind.Time), Attributes(9), F(10, "dropped_attributes_count", FieldKind.UInt32), Many(11, "events", () => SpanEvent),
        F(12, "dropped_events_count", FieldKind.UInt32), Many(13, "links", () => SpanLink), F(14, "dropped_links_count", FieldKind.UInt32),
        M(15, "status", () => Status));

    public static readonly MessageSchema Exemplar = new("Exemplar", MessageRole.Other,
        Many(7, "filtered_attributes", () => KeyValue), F(2, "time_unix_nano", FieldKind.Time), One(3, "as_double", FieldKind.Double),
        One(6, "as_int", FieldKind.SFixed64), F(4, "span_id", FieldKind.Id), F(5, "trace_id", FieldKind.Id));

    public static readonly MessageSchema NumberPoint = new("NumberDataPoint", MessageRole.Other,
        Attributes(7), F(2, "start_time_unix_nano", FieldKind.Time), F(3, "time_unix_nano", FieldKind.Time), One(4, "as_double", FieldKind.Double),
        One(6, "as_int", FieldKind.SFixed64), Many(5, "exemplars", () => Exemplar), F(8, "flags", FieldKind.UInt32));

    public static readonly MessageSchema HistogramPoint = new("HistogramDataPoint", MessageRole.Other,
        Attributes(9), F(2, "start_time_unix_nano", FieldKind.Time), F(3, "time_unix_nano", FieldKind.Time), F(4, "count", FieldKind.Fixed64),
        Optional(5, "sum", FieldKind.Double), Many(6, "bucket_counts", FieldKind.Fixed64), Many(7, "explicit_bounds", FieldKind.Double),
        Many(8, "exemplars", () => Exemplar), F(10, "flags", FieldKind.UInt32), Optional(11, "min", FieldKind.Double), Optional(12, "max", FieldKind.Double));

    public static readonly MessageSchema Buckets = new("Buckets", MessageRole.Other, F(1, "offset", FieldKind.SInt32), Many(2, "bucket_counts", FieldKind.UInt64));

    public static readonly MessageSchema ExponentialPoint = new("ExponentialHistogramDataPoint", MessageRole.Other,
        Attributes(1), F(2, "start_time_unix_nano", FieldKind.Time), F(3, "time_unix_nano", FieldKind.Time), F(4, "count", FieldKind.Fixed64),
        Optional(5, "sum", FieldKind.Double), F(6, "scale", FieldKind.SInt32), F(7, "zero_count", FieldKind.Fixed64), M(8, "positive", () => Buckets),
        M(9, "negative", () => Buckets), F(10, "flags", FieldKind.UInt32), Many(11, "exemplars", () => Exemplar), Optional(12, "min", FieldKind.Double),
        Optional(13, "max", FieldKind.Double), F(14, "zero_threshold", FieldKind.Double));

    public static readonly MessageSchema Quantile = new("ValueAtQuantile", MessageRole.Other, F(1, "quantile", FieldKind.Double), F(2, "value", FieldKind.Double));

    public static readonly MessageSchema SummaryPoint = new("SummaryDataPoint", MessageRole.Other,
        Attributes(7), F(2, "start_time_unix_nano", FieldKind.Time), F(3, "time_unix_nano", FieldKind.Time), F(4, "count", FieldKind.Fixed64),
        F(5, "sum", FieldKind.Double), Many(6, "quantile_values", () => Quantile), F(8, "flags", FieldKind.UInt32));

    public static readonly MessageSchema Gauge = new("Gauge", MessageRole.Other, Many(1, "data_points", () => NumberPoint));

    public static readonly MessageSchema Sum = new("Sum", MessageRole.Other,
        Many(1, "data_points", () => NumberPoint), F(2, "aggregation_temporality", FieldKind.Enum), F(3, "is_monotonic", FieldKind.Bool));

    public static readonly MessageSchema Histogram = new("Histogram", MessageRole.Other,
        Many(1, "data_points", () => HistogramPoint), F(2, "aggregation_temporality", FieldKind.Enum));

    public static readonly MessageSchema ExponentialHistogram = new("ExponentialHistogram", MessageRole.Other,
        Many(1, "data_points", () => ExponentialPoint), F(2, "aggregation_temporality", FieldKind.Enum));

    public static readonly MessageSchema Summary = new("Summary", MessageRole.Other, Many(1, "data_points", () => SummaryPoint));

    public static readonly MessageSchema Metric = new("Metric", MessageRole.Record,
        F(1, "name", FieldKind.String), F(2, "description", FieldKind.String), F(3, "unit", FieldKind.String), One(5, "gauge", FieldKind.Message, () => Gauge),
        One(7, "sum", FieldKind.Message, () => Sum), One(9, "histogram", FieldKind.Message, () => Histogram),
        One(10, "exponential_histogram", FieldKind.Message, () => ExponentialHistogram), One(11, "summary", FieldKind.Message, () => Summary),
        Many(12, "metadata", () => KeyValue));

    public static readonly MessageSchema LogsRequest = Request("ExportLogsServiceRequest", "resource_logs", "scope_logs", "log_records", LogRecord);

    public static readonly MessageSchema TracesRequest = Request("ExportTraceServiceRequest", "resource_spans", "scope_spans", "spans", Span);

    public static readonly MessageSchema MetricsRequest = Request("ExportMetricsServiceRequest", "resource_metrics", "scope_metrics", "metrics", Metric);

    /// <summary>The request message of a signal.</summary>
    public static MessageSchema RequestOf(OtlpSignal signal) => signal switch
    {
        OtlpSignal.Logs => LogsRequest,
        OtlpSignal.Traces => TracesRequest,
        _ => MetricsRequest,
    };

    /// <summary><c>ResourceLogs</c> and its siblings.</summary>
    public static MessageSchema ResourceGroupOf(OtlpSignal signal) => RequestOf(signal).Find(1)!.Message;

    /// <summary><c>ScopeLogs</c> and its siblings.</summary>
    public static MessageSchema ScopeGroupOf(OtlpSignal signal) => ResourceGroupOf(signal).Find(2)!.Message;

    /// <summary><c>LogRecord</c> and its siblings.</summary>
    public static MessageSchema RecordOf(OtlpSignal signal) => ScopeGroupOf(signal).Find(2)!.Message;

    private static MessageSchema Request(string name, string resources, string scopes, string records, MessageSchema record)
    {
        var scopeGroup = new MessageSchema(scopes, MessageRole.Other, M(1, "scope", () => Scope), Many(2, records, () => record), F(3, "schema_url", FieldKind.String));
        var resourceGroup = new MessageSchema(resources, MessageRole.Other,
            M(1, "resource", () => Resource), Many(2, scopes, () => scopeGroup), F(3, "schema_url", FieldKind.String));
        return new MessageSchema(name, MessageRole.Other, Many(1, resources, () => resourceGroup));
    }

    private static FieldSchema F(int number, string name, FieldKind kind) => new(number, name, kind, false, 0, false, null);

    private static FieldSchema Optional(int number, string name, FieldKind kind) => new(number, name, kind, false, 0, true, null);

    private static FieldSchema One(int number, string name, FieldKind kind, Func<MessageSchema>? message = null) => new(number, name, kind, false, 1, false, message);

    private static FieldSchema M(int number, string name, Func<MessageSchema> message) => new(number, name, FieldKind.Message, false, 0, false, message);

    private static FieldSchema Many(int number, string name, Func<MessageSchema> message) => new(number, name, FieldKind.Message, true, 0, false, message);

    private static FieldSchema Many(int number, string name, FieldKind kind) => new(number, name, kind, true, 0, false, null);

    private static FieldSchema Attributes(int number) => Many(number, "attributes", () => KeyValue);
}
