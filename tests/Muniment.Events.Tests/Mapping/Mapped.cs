using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Muniment.Events.Canonical;
using Muniment.Events.Mapping;
using Muniment.Events.Otlp;
using Muniment.Events.Terms;
using Muniment.Events.Tests.Otlp;
using Muniment.Events.Tests.Otlp.Oracle;

namespace Muniment.Events.Tests.Mapping;

/// <summary>Sends one record through reader and mapper.</summary>
internal static class Mapped
{
    public static Envelope Envelope { get; } = new() { Receiver = "otlp_http", Stream = "activity", Key = "k1", Address = "10.0.0.7" };

    public static CanonicalEvent Log(LogRecord record, params KeyValue[] resource) => Event(OtlpSignal.Logs, LogRequest(record, resource));

    public static CanonicalEvent Span(Span span, params KeyValue[] resource) => Event(OtlpSignal.Traces, SpanRequest(span, resource));

    public static byte[] SpanRequest(Span span, params KeyValue[] resource) => new ExportTraceServiceRequest
    {
        ResourceSpans = { new ResourceSpans { Resource = new Resource { Attributes = { resource } }, ScopeSpans = { new ScopeSpans { Spans = { span } } } } },
    }.ToByteArray();

    public static byte[] LogRequest(LogRecord record, params KeyValue[] resource) => new ExportLogsServiceRequest
    {
        ResourceLogs = { new ResourceLogs { Resource = new Resource { Attributes = { resource } }, ScopeLogs = { new ScopeLogs { LogRecords = { record } } } } },
    }.ToByteArray();

    public static CanonicalEvent Event(OtlpSignal signal, byte[] body)
    {
        (List<Walk.Entry> entries, OtlpError? error) = Walk.Read(signal, body);
        Assert.Null(error);
        return Map(Assert.Single(entries).Stored);
    }

    public static CanonicalEvent Map(in StoredEvent stored, OtlpMapper? mapper = null)
    {
        var target = new CanonicalEvent { Id = "", Seq = stored.Seq, ReceivedNs = stored.ReceivedNs, TimeNs = stored.ReceivedNs, Kind = stored.Kind };
        (mapper ?? new OtlpMapper()).Map(stored, Envelope, target);
        return target;
    }

    public static JsonElement Details(CanonicalEvent e) =>
        JsonDocument.Parse(e.Details, new JsonDocumentOptions { AllowDuplicateProperties = false }).RootElement;

    /// <summary>Terms of every record of a request, as the door collects them.</summary>
    public static List<(HashSet<(TermField, string)> Terms, long TimeNs)> Terms(OtlpSignal signal, byte[] body, Envelope? envelope = null)
    {
        var terms = new OtlpTerms(envelope ?? Envelope);
        var reader = new OtlpRequestReader(signal, body, Samples.ReceivedNs);
        var all = new List<(HashSet<(TermField, string)>, long)>();
        while (reader.Read())
        {
            var sink = new ListSink([]);
            long time = terms.Collect(reader.Fields, ref sink);
            all.Add((sink.Terms, time));
        }

        Assert.Null(reader.Error);
        return all;
    }

    internal readonly record struct ListSink(HashSet<(TermField, string)> Terms) : ITermSink
    {
        public void Add(TermField field, ReadOnlySpan<byte> value) => Terms.Add((field, Encoding.UTF8.GetString(value)));
    }
}
