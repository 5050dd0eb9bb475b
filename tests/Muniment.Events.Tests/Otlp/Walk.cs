using Google.Protobuf;
using Muniment.Events.Otlp;
using Muniment.Events.Tests.Otlp.Oracle;

namespace Muniment.Events.Tests.Otlp;

/// <summary>Runs the reader over a whole request and keeps what it yields.</summary>
internal static class Walk
{
    public sealed record Entry(StoredEvent Stored, IReadOnlyDictionary<string, int>? Cut);

    public static (List<Entry> Entries, OtlpError? Error) Read(OtlpSignal signal, byte[] body, OtlpLimits? limits = null)
    {
        var entries = new List<Entry>();
        var reader = new OtlpRequestReader(signal, body, Samples.ReceivedNs, limits);
        while (reader.Read())
        {
            entries.Add(new Entry(new StoredEvent(entries.Count, Samples.ReceivedNs, reader.Kind, "{}"u8.ToArray(), reader.Resource, reader.Scope, reader.Record), reader.Cut));
        }

        return (entries, reader.Error);
    }

    public static (OtlpSignal Signal, byte[] Body, MessageParser Parser)[] All { get; } =
    [
        (OtlpSignal.Logs, Samples.Logs().ToByteArray(), ExportLogsServiceRequest.Parser),
        (OtlpSignal.Traces, Samples.Traces().ToByteArray(), ExportTraceServiceRequest.Parser),
        (OtlpSignal.Metrics, Samples.MetricsRequest().ToByteArray(), ExportMetricsServiceRequest.Parser),
    ];
}
