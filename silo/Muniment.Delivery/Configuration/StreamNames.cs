using System.Collections.Immutable;

namespace Muniment.Delivery.Configuration;

/// <summary>What a destination can select.</summary>
public static class StreamNames
{
    /// <summary>Streams in canonical form.</summary>
    public static readonly ImmutableArray<string> Events = ["admin", "decision", "activity", "alert", "system"];

    /// <summary>Raw OTLP records as they came.</summary>
    public static readonly ImmutableArray<string> Raw = ["otel_logs", "otel_traces", "otel_metrics"];

    /// <summary>Measures; no kind built so far carries them.</summary>
    public const string Analytics = "analytics";
}
