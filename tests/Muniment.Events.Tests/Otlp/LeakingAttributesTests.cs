using Google.Protobuf;
using Muniment.Events.Otlp;
using Muniment.Events.Tests.Otlp.Oracle;

namespace Muniment.Events.Tests.Otlp;

public class LeakingAttributesTests
{
    private static readonly byte[] Canary = "SECRETPROMPT"u8.ToArray();

    private static KeyValue Leak(string name) => new() { Key = name, Value = new AnyValue { ArrayValue = new ArrayValue { Values = { new AnyValue { StringValue = "-p SECRETPROMPT" } } } } };

    [Fact]
    public void They_are_cut_from_resource_scope_and_record_wherever_they_stand()
    {
        var nested = new KeyValue { Key = "m", Value = new AnyValue { KvlistValue = new KeyValueList { Values = { Leak("process.command_line"), Samples.Attribute("keep", 1) } } } };
        var request = new ExportLogsServiceRequest
        {
            ResourceLogs =
            {
                new ResourceLogs
                {
                    Resource = Samples.Resource(Leak("process.command_args"), Samples.Attribute("process.pid", 7)),
                    ScopeLogs =
                    {
                        new ScopeLogs
                        {
                            Scope = new InstrumentationScope { Name = "s", Attributes = { Leak("process.command") } },
                            LogRecords = { Samples.Log(), Samples.Log(Leak("process.command_args"), nested, Leak("process.environment_variable.TOKEN")), Samples.Log() },
                        },
                    },
                },
            },
        };
        (List<Walk.Entry> entries, OtlpError? error) = Walk.Read(OtlpSignal.Logs, request.ToByteArray());

        Assert.Null(error);
        Assert.All(entries, entry => Assert.Equal(-1, ((ReadOnlySpan<byte>)(byte[])[.. entry.Stored.Resource.Span, .. entry.Stored.Scope.Span, .. entry.Stored.Record.Span]).IndexOf(Canary)));
        Assert.Equal([("process.command", 1), ("process.command_args", 1)], entries[0].Cut!.Select(pair => (pair.Key, pair.Value)));
        Assert.Equal(
            [("process.command", 1), ("process.command_args", 2), ("process.command_line", 1), ("process.environment_variable.TOKEN", 1)],
            entries[1].Cut!.Select(pair => (pair.Key, pair.Value)));
        Assert.Same(entries[0].Cut, entries[2].Cut);

        // Everything else is as it came.
        LogRecord kept = LogRecord.Parser.ParseFrom(entries[1].Stored.Record.Span);
        Assert.Equal(16, kept.Attributes.Count);
        Assert.Equal("keep", Assert.Single(kept.Attributes[^1].Value.KvlistValue.Values).Key);
        Assert.Equal(Samples.Log(), LogRecord.Parser.ParseFrom(entries[0].Stored.Record.Span));
        Assert.Contains(ResourceLogs.Parser.ParseFrom(entries[0].Stored.Resource.Span).Resource.Attributes, a => a.Key == "process.pid");
        Assert.Equal("tool.result", Mapping.Mapped.Map(entries[1].Stored).Action);
    }

    [Fact]
    public void They_are_cut_from_span_events_and_metric_points()
    {
        var span = new Span { Name = "x", Events = { new SpanEvent { Name = "e", Attributes = { Leak("process.command_args") } } } };
        var traces = new ExportTraceServiceRequest { ResourceSpans = { new ResourceSpans { ScopeSpans = { new ScopeSpans { Spans = { span } } } } } };
        Walk.Entry entry = Assert.Single(Walk.Read(OtlpSignal.Traces, traces.ToByteArray()).Entries);
        Assert.Equal(1, entry.Cut!["process.command_args"]);
        Assert.Empty(Span.Parser.ParseFrom(entry.Stored.Record.Span).Events[0].Attributes);

        var metric = new Metric { Gauge = new Gauge { DataPoints = { new NumberDataPoint { AsInt = 1, Attributes = { Leak("process.command_args"), Samples.Attribute("a", "b") } } } } };
        var metrics = new ExportMetricsServiceRequest { ResourceMetrics = { new ResourceMetrics { ScopeMetrics = { new ScopeMetrics { Metrics = { metric } } } } } };
        entry = Assert.Single(Walk.Read(OtlpSignal.Metrics, metrics.ToByteArray()).Entries);
        Assert.Equal(1, entry.Cut!["process.command_args"]);
        Assert.Single(Metric.Parser.ParseFrom(entry.Stored.Record.Span).Gauge.DataPoints[0].Attributes);
    }

    [Theory]
    [InlineData("process.command_args", true)]
    [InlineData("process.environment_variable.PATH", true)]
    [InlineData("process.command_args2", false)]
    [InlineData("process.pid", false)]
    [InlineData("command_args", false)]
    public void The_table_is_exact(string name, bool leaks) => Assert.Equal(leaks, LeakingAttributes.Contains(System.Text.Encoding.UTF8.GetBytes(name)));

    [Fact]
    public void Each_has_a_reason() => Assert.All(LeakingAttributes.All, row => Assert.True(row.Why.Length > 10));
}
