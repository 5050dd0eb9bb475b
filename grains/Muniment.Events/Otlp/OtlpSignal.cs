namespace Muniment.Events.Otlp;

/// <summary>Which of the three OTLP services a request belongs to.</summary>
public enum OtlpSignal : byte
{
    /// <summary><c>ExportLogsServiceRequest</c>: entries of kind <see cref="EntryKind.Log"/>.</summary>
    Logs = 1,

    /// <summary><c>ExportTraceServiceRequest</c>: entries of kind <see cref="EntryKind.Span"/>.</summary>
    Traces = 2,

    /// <summary><c>ExportMetricsServiceRequest</c>: entries of kind <see cref="EntryKind.Metric"/>.</summary>
    Metrics = 3,
}
