namespace Muniment.Events.Otlp.Schema;

/// <summary>What a message is to the walkers, where they treat it specially.</summary>
internal enum MessageRole : byte
{
    Other,

    /// <summary><c>LogRecord</c>, <c>Span</c> or <c>Metric</c>: one journal entry.</summary>
    Record,
    KeyValue,
    AnyValue,
    ArrayValue,
    KeyValueList,
}
