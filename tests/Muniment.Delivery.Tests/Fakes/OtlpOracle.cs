using Google.Protobuf;
using Google.Protobuf.Collections;
using Muniment.Events.Tests.Otlp.Oracle;

namespace Muniment.Delivery.Tests.Fakes;

/// <summary>
/// Reads an export request with the classes that protoc generates from OpenTelemetry's schema, beside the fakes' own reader: nothing may be there that the schema does not know, and
/// every record has our marks, with their types, once.
/// </summary>
internal static class OtlpOracle
{
    /// <summary>How many records, and what is wrong.</summary>
    /// <param name="signal">logs, traces or metrics.</param>
    /// <param name="message">The request.</param>
    public static (int Records, string? Wrong) Read(string signal, byte[] message)
    {
        try
        {
            RepeatedField<KeyValue>[] records = signal switch
            {
                "traces" => [.. Known(ExportTraceServiceRequest.Parser, message).ResourceSpans.SelectMany(r => r.ScopeSpans).SelectMany(s => s.Spans).Select(s => s.Attributes)],
                "metrics" => [.. Known(ExportMetricsServiceRequest.Parser, message).ResourceMetrics.SelectMany(r => r.ScopeMetrics).SelectMany(s => s.Metrics).Select(m => m.Metadata)],
                _ => [.. Known(ExportLogsServiceRequest.Parser, message).ResourceLogs.SelectMany(r => r.ScopeLogs).SelectMany(s => s.LogRecords).Select(l => l.Attributes)],
            };
            return (records.Length, records.Select(Marks).FirstOrDefault(wrong => wrong is not null));
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or UnknownFieldException)
        {
            return (0, exception.Message);
        }
    }

    private static T Known<T>(MessageParser<T> parser, byte[] message)
        where T : IMessage<T>
    {
        T all = parser.ParseFrom(message);
        return all.CalculateSize() == parser.WithDiscardUnknownFields(true).ParseFrom(message).CalculateSize()
            ? all
            : throw new UnknownFieldException();
    }

    private static string? Marks(RepeatedField<KeyValue> attributes)
    {
        foreach ((string name, AnyValue.ValueOneofCase type) in ((string, AnyValue.ValueOneofCase)[])
            [("event_id", AnyValue.ValueOneofCase.StringValue), ("origin", AnyValue.ValueOneofCase.StringValue), ("destination", AnyValue.ValueOneofCase.StringValue),
                ("seq", AnyValue.ValueOneofCase.IntValue), ("epoch", AnyValue.ValueOneofCase.IntValue), ("n", AnyValue.ValueOneofCase.IntValue)])
        {
            if (attributes.Where(a => a.Key == "muniment." + name).ToArray() is not [{ } one] || one.Value.ValueCase != type)
            {
                return $"muniment.{name} must be there once, as {type}";
            }
        }

        return null;
    }

    private sealed class UnknownFieldException() : Exception("fields that the schema does not know");
}
