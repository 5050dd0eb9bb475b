namespace Muniment.Events;

/// <summary>What one journal entry holds. The numbers are part of the log entry's bytes and never change.</summary>
public enum EntryKind : byte
{
    /// <summary>A canonical event as JSON, as it was received.</summary>
    Event = 1,

    /// <summary>An OTLP <c>LogRecord</c>.</summary>
    Log = 2,

    /// <summary>An OTLP <c>Span</c>.</summary>
    Span = 3,

    /// <summary>An OTLP <c>Metric</c> with all its points.</summary>
    Metric = 4,
}
