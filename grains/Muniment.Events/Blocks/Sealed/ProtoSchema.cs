namespace Muniment.Events.Blocks.Sealed;

/// <summary>Messages of OTLP, as far as one must know which fields are messages. Unknown fields are just bytes.</summary>
internal enum ProtoType : byte
{
    Leaf,
    Key,
    Log,
    Span,
    SpanEvent,
    SpanLink,
    Status,
    Metric,
    Points,
    HistogramPoints,
    ExponentialPoints,
    SummaryPoints,
    NumberPoint,
    HistogramPoint,
    ExponentialPoint,
    SummaryPoint,
    Buckets,
    Quantile,
    Exemplar,
    Attribute,
    Any,
    Array,
    List,
}

/// <summary>Which fields of a message are messages (opentelemetry-proto 1.x).</summary>
internal static class ProtoSchema
{
    public static ProtoType Of(EntryKind kind) => kind switch
    {
        EntryKind.Log => ProtoType.Log,
        EntryKind.Span => ProtoType.Span,
        _ => ProtoType.Metric,
    };

    public static ProtoType Field(ProtoType type, uint field) => (type, field) switch
    {
        (ProtoType.Attribute, 1) => ProtoType.Key,
        (ProtoType.Attribute, 2) or (ProtoType.Array, 1) or (ProtoType.Log, 5) => ProtoType.Any,
        (ProtoType.Any, 5) => ProtoType.Array,
        (ProtoType.Any, 6) => ProtoType.List,
        (ProtoType.List, 1) or (ProtoType.Log, 6) or (ProtoType.Span, 9) or (ProtoType.SpanEvent, 3) or (ProtoType.SpanLink, 4) or (ProtoType.Metric, 12)
            or (ProtoType.NumberPoint, 7) or (ProtoType.HistogramPoint, 9) or (ProtoType.ExponentialPoint, 1) or (ProtoType.SummaryPoint, 7) or (ProtoType.Exemplar, 7) => ProtoType.Attribute,
        (ProtoType.Span, 11) => ProtoType.SpanEvent,
        (ProtoType.Span, 13) => ProtoType.SpanLink,
        (ProtoType.Span, 15) => ProtoType.Status,
        (ProtoType.Metric, 5 or 7) => ProtoType.Points,
        (ProtoType.Metric, 9) => ProtoType.HistogramPoints,
        (ProtoType.Metric, 10) => ProtoType.ExponentialPoints,
        (ProtoType.Metric, 11) => ProtoType.SummaryPoints,
        (ProtoType.Points, 1) => ProtoType.NumberPoint,
        (ProtoType.HistogramPoints, 1) => ProtoType.HistogramPoint,
        (ProtoType.ExponentialPoints, 1) => ProtoType.ExponentialPoint,
        (ProtoType.SummaryPoints, 1) => ProtoType.SummaryPoint,
        (ProtoType.NumberPoint, 5) or (ProtoType.HistogramPoint, 8) or (ProtoType.ExponentialPoint, 11) => ProtoType.Exemplar,
        (ProtoType.ExponentialPoint, 8 or 9) => ProtoType.Buckets,
        (ProtoType.SummaryPoint, 6) => ProtoType.Quantile,
        _ => ProtoType.Leaf,
    };
}
