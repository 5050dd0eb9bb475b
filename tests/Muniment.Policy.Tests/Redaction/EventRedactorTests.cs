using System.Buffers;
using System.Text;
using System.Text.Json;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Writing;
using Muniment.Events.Otlp;
using Muniment.Policy.Detectors;
using Muniment.Policy.Redaction;

namespace Muniment.Policy.Tests.Redaction;

public class EventRedactorTests
{
    private const string Mail = "j.doe@acme.com", Card = "4111111111111111";
    private static readonly EventRedactor Redactor = new(DetectorSet.Default);
    private static readonly TenantId Tenant = TenantId.Parse("acme");
    private static readonly byte[] Envelope = EnvelopeCodec.Write(new Envelope { Stream = "activity", Receiver = "events", Address = "10.0.0.1" });

    [Fact]
    public void No_text_of_an_event_keeps_what_was_found()
    {
        string[] texts =
        [
            "actor.id", "actor.user", "agent.kind", "agent.version", "agent.instance", "artifact.name", "artifact.kind", "artifact.version", "policy.id", "policy.rule", "target", "trace.session", "trace.turn",
            "trace.correlation", "trace.request", "reason", "resource.workspace", "resource.project", "resource.team", "resource.environment", "resource.repo", "resource.ticket", "resource.incident", "approval.by",
            "approval.request", "client.address", "client.place", "model.provider", "model.requested", "model.served", "tool.name", "tool.server", "tool.call", "tool.command", "details.free", "details.deep.er",
        ];
        Dictionary<string, object> json = new() { ["action"] = "tool.call", ["result"] = "success", ["id"] = "e-1" };
        foreach (string path in texts)
        {
            string[] names = path.Split('.');
            Dictionary<string, object> at = json;
            foreach (string name in names[..^1])
            {
                at = (Dictionary<string, object>)(at.TryGetValue(name, out object? inner) ? inner : at[name] = new Dictionary<string, object>());
            }

            at[names[^1]] = $"{path} {Mail}";
        }

        ((Dictionary<string, object>)json["details"])["number"] = long.Parse(Card);
        StoredEvent stored = new(7, 1_767_225_600_000_000_000, EntryKind.Event, Envelope, default, default, JsonSerializer.SerializeToUtf8Bytes(json));
        CanonicalEvent e = EventReader.Read(stored, Tenant);
        string before = Write(e);
        DetectorCounts counts = new(DetectorSet.Default);
        Redactor.Redact(e, counts);
        string after = Write(e);
        Assert.DoesNotContain("acme", after);
        Assert.DoesNotContain(Card, after);
        Assert.Equal(before.Split(Mail).Length, after.Split("[EMAIL]").Length);
        Assert.Equal(1, counts["CREDIT_CARD"]);
        Assert.True(counts["EMAIL"] >= texts.Length, $"{counts["EMAIL"]}");
        Assert.Equal("e-1", e.Id);
        DetectorCounts again = new(DetectorSet.Default);
        Redactor.Redact(e, again);
        Assert.Equal(0, again.Total);
    }

    [Theory]
    [InlineData(OtlpSignal.Logs)]
    [InlineData(OtlpSignal.Traces)]
    [InlineData(OtlpSignal.Metrics)]
    public void No_string_of_a_raw_record_keeps_what_was_found(OtlpSignal signal)
    {
        const string attribute = """{"key":"user","value":{"stringValue":"j.doe@acme.com"}}""";
        string attributes = """[ATTRIBUTE,{"key":"list","value":{"arrayValue":{"values":[{"stringValue":"to j.doe@acme.com"},{"kvlistValue":{"values":[ATTRIBUTE]}}]}}},{"key":"n","value":{"intValue":"5"}},{"key":"args","value":{"stringValue":"{\"to\":\"j.doe\\u0040acme.com\"}"}}]""".Replace("ATTRIBUTE", attribute);
        string record = signal switch
        {
            OtlpSignal.Logs => """{"resourceLogs":[{"resource":{"attributes":ATTRS},"scopeLogs":[{"scope":{"name":"j.doe@acme.com","attributes":ATTRS},"logRecords":[{"timeUnixNano":"1","body":{"stringValue":"mail j.doe@acme.com"},"attributes":ATTRS,"traceId":"5b8efff798038103d269b633813fc60c"}]}]}]}""",
            OtlpSignal.Traces => """{"resourceSpans":[{"resource":{"attributes":ATTRS},"scopeSpans":[{"scope":{"name":"s"},"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"GET j.doe@acme.com","startTimeUnixNano":"1","endTimeUnixNano":"2","attributes":ATTRS,"events":[{"name":"j.doe@acme.com","attributes":ATTRS}],"links":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","attributes":ATTRS}],"status":{"message":"j.doe@acme.com"}}]}]}]}""",
            _ => """{"resourceMetrics":[{"resource":{"attributes":ATTRS},"scopeMetrics":[{"scope":{"name":"s"},"metrics":[{"name":"m","description":"j.doe@acme.com","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"timeUnixNano":"1","asInt":"5","attributes":ATTRS}]}}]}]}]}""",
        };
        Assert.True(OtlpJson.TryTranscode(signal, Encoding.UTF8.GetBytes(record.Replace("ATTRS", attributes)), out ReadOnlyMemory<byte> protobuf, out OtlpError? error), error?.ToString());
        OtlpRequestReader reader = new(signal, protobuf, 1_767_225_600_000_000_000);
        Assert.True(reader.Read());
        StoredEvent stored = new(3, 1_767_225_600_000_000_000, reader.Kind, Envelope, reader.Resource, reader.Scope, reader.Record);
        DetectorCounts counts = new(DetectorSet.Default);
        StoredEvent redacted = Redactor.Redact(stored, counts);
        ArrayBufferWriter<byte> json = new();
        OtlpWriter.WriteJson(signal, [redacted], json);
        string after = Encoding.UTF8.GetString(json.WrittenSpan);
        Assert.DoesNotContain("acme", after);
        Assert.Contains("[EMAIL]", after);
        ArrayBufferWriter<byte> plain = new();
        OtlpWriter.WriteJson(signal, [stored], plain);
        Assert.Equal(Encoding.UTF8.GetString(plain.WrittenSpan).Replace(Mail, "[EMAIL]").Replace(@"j.doe\\u0040acme.com", "[EMAIL]").Replace(@"j.doe\\\u0040acme.com", "[EMAIL]"), after);
        Assert.True(counts["EMAIL"] >= 5);
        Assert.Equal(0, RedactedTwice(redacted));

        static int RedactedTwice(in StoredEvent value)
        {
            DetectorCounts again = new(DetectorSet.Default);
            StoredEvent same = Redactor.Redact(value, again);
            Assert.True(same.Record.Span.SequenceEqual(value.Record.Span));
            return again.Total;
        }
    }

    private static string Write(CanonicalEvent e)
    {
        ArrayBufferWriter<byte> output = new();
        CanonicalJsonWriter.Write(e, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
