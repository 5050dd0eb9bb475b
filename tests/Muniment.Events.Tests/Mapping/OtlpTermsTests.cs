using Google.Protobuf;
using Muniment.Events.Canonical;
using Muniment.Events.Mapping;
using Muniment.Events.Otlp;
using Muniment.Events.Terms;
using Muniment.Events.Tests.Otlp;
using Muniment.Events.Tests.Otlp.Oracle;

namespace Muniment.Events.Tests.Mapping;

public class OtlpTermsTests
{
    private static readonly string[] Keys = [.. Names().Distinct()];

    [Fact]
    public void Terms_at_the_door_are_those_of_the_event_that_is_read_back()
    {
        foreach ((OtlpSignal signal, byte[] body, _) in Walk.All)
        {
            Same(signal, body, Mapped.Envelope);
        }
    }

    [Fact]
    public void So_they_are_for_any_mix_of_attributes_and_any_key()
    {
        var random = new Random(22);
        for (int round = 0; round < 3000; round++)
        {
            Envelope envelope = Mapped.Envelope with
            {
                User = random.Next(3) == 0 ? "alice" : null, Project = random.Next(3) == 0 ? "p1" : null, Key = random.Next(4) == 0 ? null : "k1",
                Address = random.Next(4) == 0 ? null : "10.0.0.1", Stream = random.Next(4) == 0 ? null : "activity",
            };
            KeyValue[] resource = Attributes(random), record = Attributes(random);
            var log = new LogRecord
            {
                TimeUnixNano = random.Next(3) == 0 ? 0 : (ulong)random.NextInt64(), ObservedTimeUnixNano = random.Next(2) == 0 ? 0 : (ulong)Samples.TimeNs,
                EventName = random.Next(2) == 0 ? "" : "a.b", TraceId = ByteString.CopyFrom(new byte[random.Next(2) == 0 ? 16 : random.Next(20)]), Attributes = { record },
            };
            Same(OtlpSignal.Logs, Mapped.LogRequest(log, resource), envelope);
            var span = new Span { Name = random.Next(2) == 0 ? "" : "n", TraceId = ByteString.CopyFrom(Samples.TraceId), Status = new Status { Code = (StatusCode)random.Next(4) }, Attributes = { record } };
            Same(OtlpSignal.Traces, Mapped.SpanRequest(span, resource), envelope);
        }
    }

    [Fact]
    public void A_bound_key_replaces_what_the_record_claims()
    {
        byte[] body = Mapped.LogRequest(new LogRecord { Attributes = { Samples.Attribute("actor", "user:eve"), Samples.Attribute("user.id", "mallory"), Samples.Attribute("project", "p0") } });
        HashSet<(TermField, string)> terms = Mapped.Terms(OtlpSignal.Logs, body, Mapped.Envelope with { User = "alice", Project = "p1" })[0].Terms;
        Assert.Equal(["alice"], terms.Where(t => t.Item1 == TermField.User).Select(t => t.Item2));
        Assert.Equal(["alice"], terms.Where(t => t.Item1 == TermField.Actor).Select(t => t.Item2));
        Assert.Equal(["p1"], terms.Where(t => t.Item1 == TermField.Project).Select(t => t.Item2));
    }

    [Fact]
    public void A_time_far_ahead_counts_as_received()
    {
        byte[] body = Mapped.LogRequest(new LogRecord { TimeUnixNano = ulong.MaxValue });
        Assert.Equal(Samples.ReceivedNs, Mapped.Terms(OtlpSignal.Logs, body)[0].TimeNs);
    }

    [Fact]
    public void Reading_and_collecting_allocates_nothing_per_record()
    {
        byte[] few = Samples.Logs(10).ToByteArray(), many = Samples.Logs(2000).ToByteArray();
        var terms = new OtlpTerms(Mapped.Envelope);
        // The least of several runs: what is allocated for a record is in each, what the runtime needs once is not.
        long small = long.MaxValue, large = long.MaxValue;
        for (int run = 0; run < 6; run++)
        {
            small = Math.Min(small, Allocated(few, terms));
            large = Math.Min(large, Allocated(many, terms));
        }

        Assert.True(large - small < 1990, $"{large - small} bytes for 1990 more records");
    }

    private static void Same(OtlpSignal signal, byte[] body, Envelope envelope)
    {
        TenantId tenant = TenantId.Default;
        byte[] json = EnvelopeCodec.Write(envelope);
        foreach ((Walk.Entry entry, (HashSet<(TermField, string)> terms, long timeNs)) in Walk.Read(signal, body).Entries.Zip(Mapped.Terms(signal, body, envelope)))
        {
            CanonicalEvent e = new EventReader(tenant, new OtlpMapper()).Read(entry.Stored with { Envelope = json });
            var sink = new Mapped.ListSink([]);
            CanonicalTerms.Collect(e, ref sink);
            Assert.Equal(sink.Terms.Order(), terms.Order());
            Assert.Equal(e.TimeNs, timeNs);
        }
    }

    private static KeyValue[] Attributes(Random random) => [.. Enumerable.Range(0, random.Next(8)).Select(_ => new KeyValue
    {
        Key = Keys[random.Next(Keys.Length)],
        Value = random.Next(9) switch
        {
            0 => null,
            1 => new AnyValue { IntValue = random.Next(-5, 5) },
            2 => new AnyValue { BoolValue = true },
            3 => new AnyValue { DoubleValue = 0.1 * random.Next(100) },
            4 => new AnyValue { StringValue = "" },
            5 => new AnyValue { ArrayValue = new ArrayValue() },
            6 => new AnyValue { StringValue = new string('é', random.Next(1, 200)) },
            7 => new AnyValue { StringValue = random.Next(2) == 0 ? "user:u7" : "denied" },
            _ => new AnyValue { StringValue = "v" + random.Next(3) },
        },
    })];

    private static IEnumerable<string> Names() => Samples.Log().Attributes.Select(a => a.Key).Concat(
    [
        "gen_ai.conversation.id", "conversation.id", "correlation.id", "x-request-id", "user.id", "enduser.id", "event.timestamp", "service.name", "actor", "result",
        "gen_ai.agent.name", "gen_ai.response.model", "gen_ai.tool.name", "project", "vcs.repository.url.full", "client.address",
    ]);

    private static long Allocated(byte[] body, OtlpTerms terms)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Count(body, terms);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Count(byte[] body, OtlpTerms terms)
    {
        var sink = new CountSink();
        var reader = new OtlpRequestReader(OtlpSignal.Logs, body, Samples.ReceivedNs);
        while (reader.Read())
        {
            terms.Collect(reader.Fields, ref sink);
        }

        Assert.True(sink.Bytes > 0 && reader.Error is null);
    }

    private struct CountSink : ITermSink
    {
        public long Bytes;

        public void Add(TermField field, ReadOnlySpan<byte> value) => Bytes += value.Length;
    }
}
