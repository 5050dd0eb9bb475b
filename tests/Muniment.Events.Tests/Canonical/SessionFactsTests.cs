using System.Diagnostics;
using System.Text;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Sessions;
using Muniment.Events.Otlp;
using Muniment.Events.Tests.Mapping;
using Muniment.Events.Tests.Otlp;
using Muniment.Events.Tests.Otlp.Oracle;
using Muniment.TestData;
using Xunit.Abstractions;

namespace Muniment.Events.Tests.Canonical;

/// <summary>What is read straight from the bytes is what the whole event tells.</summary>
public sealed class SessionFactsTests(ITestOutputHelper output)
{
    private static readonly string[] Keys =
    [
        "session.id", "session.id", "gen_ai.conversation.id", "conversation.id", "user.email", "user.id", "enduser.id", "event.timestamp", "service.name", "actor", "result", "project",
        "gen_ai.agent.name", "gen_ai.tool.name", "gen_ai.tool.call.id", "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "gen_ai.usage.output_tokens",
        "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.cost", "event.sequence", "event.sequence", "event", "x",
    ];

    private readonly SessionFactsReader facts = new(Reading.Tenant);
    private readonly EventReader whole = new(Reading.Tenant);
    private int compared;
    private int counted;
    private int sequences;

    [SkippableTheory]
    [MemberData(nameof(CapturedRequestsTests.Files), MemberType = typeof(CapturedRequestsTests))]
    public void Of_requests_of_real_agents(string file)
    {
        Skip.If(file.Length == 0, "no folder tests/fixtures with agents and otlp above the test's binaries");
        OtlpSignal signal = CapturedRequestsTests.SignalOf(file);
        SameOtlp(signal, OtlpJsonTests.Transcode(signal, CapturedRequestsTests.Read(Path.Combine(CapturedRequestsTests.Fixtures()!, file))), Mapped.Envelope);
        Assert.True(compared > 0);
    }

    [Fact]
    public void Of_events_of_every_kind_from_the_generator()
    {
        var generator = new EventGenerator(3);
        SameOtlp(OtlpSignal.Logs, generator.LogsRequest(2000), Mapped.Envelope);
        for (int i = 0; i < 500; i++)
        {
            Same(Json(generator.JsonEvent(), Reading.Plain));
        }

        Assert.Equal(2500, counted);
        foreach ((OtlpSignal signal, byte[] body, _) in Walk.All)
        {
            SameOtlp(signal, body, Mapped.Envelope);
        }
    }

    [Fact]
    public void Of_any_mix_of_attributes_under_any_key()
    {
        var random = new Random(41);
        for (int round = 0; round < 6000; round++)
        {
            KeyValue[] resource = Attributes(random), record = Attributes(random);
            Envelope envelope = AnyEnvelope(random, Mapped.Envelope);
            var log = new LogRecord { TimeUnixNano = random.Next(3) == 0 ? 0 : (ulong)random.NextInt64(), ObservedTimeUnixNano = random.Next(2) == 0 ? 0 : (ulong)Samples.TimeNs, Attributes = { record } };
            SameOtlp(OtlpSignal.Logs, Mapped.LogRequest(log, resource), envelope);
            SameOtlp(OtlpSignal.Traces, Mapped.SpanRequest(new Span { Name = "n", StartTimeUnixNano = (ulong)random.Next(2), EndTimeUnixNano = Samples.TimeNs, Attributes = { record } }, resource), envelope);
        }

        Assert.InRange(counted, 3000, 11_000);
        Assert.InRange(sequences, 100, counted / 2);
    }

    [Fact]
    public void Of_any_json_that_the_door_takes()
    {
        var random = new Random(42);
        for (int round = 0; round < 20_000; round++)
        {
            string json = AnyJson.Event(random);
            if (Reading.Parse(json).IsOk)
            {
                Same(Json(Encoding.UTF8.GetBytes(json), AnyEnvelope(random, Reading.Plain)));
            }
        }

        Assert.InRange(compared, 10_000, 20_000);
        Assert.InRange(counted, 3000, compared - 3000);
        Assert.InRange(sequences, 200, counted / 2);
    }

    [Theory]
    [InlineData("""{"actor":"user:j","action":"a","result":"info","trace":{"session":"s"}} x""")]
    [InlineData("""{"actor":"user:j","action":"a","result":"info","trace":{"session":"s"}""")]
    [InlineData("""{"action":"a","result":"info","trace":{"session":"s"}}""")]
    [InlineData("""{"actor":"user:j","action":"a","result":"no word","trace":{"session":"s"}}""")]
    [InlineData("""{"actor":"user:j","action":"a","result":"info","usage":{"input":-1},"trace":{"session":"s"}}""")]
    [InlineData("""{"actor":"user:j","action":"a","result":"info","trace":{"session":"s\ud800"}}""")]
    [InlineData("""[]""")]
    [InlineData("")]
    public void What_cannot_be_read_belongs_to_no_session(string json)
    {
        Assert.False(facts.TryRead(Json(Encoding.UTF8.GetBytes(json), Reading.Plain), out _));
        Assert.False(Reading.Parse(json).IsOk);
    }

    [Fact]
    public void Nothing_is_allocated_for_an_event_whose_texts_were_seen()
    {
        var generator = new EventGenerator(5);
        StoredEvent[] logs = [.. Otlp(OtlpSignal.Logs, generator.LogsRequest(1000), Mapped.Envelope)];
        StoredEvent[] json = [.. Enumerable.Range(0, 1000).Select(_ => Json(generator.JsonEvent(), Reading.Plain))];
        (double logUs, double logBytes) = Measure(logs);
        (double jsonUs, double jsonBytes) = Measure(json);

        // The time is only printed, because a test must not fail on a busy machine. Two texts in one slot of the cache make each other anew.
        output.WriteLine($"OTLP log {logUs:F2} us, {logBytes:F1} B; JSON event {jsonUs:F2} us, {jsonBytes:F1} B");
        Assert.InRange(logBytes, 0, 40);
        Assert.InRange(jsonBytes, 0, 40);
    }

    private (double Us, double Bytes) Measure(StoredEvent[] events)
    {
        int found = 0;
        void Round()
        {
            foreach (ref readonly StoredEvent stored in events.AsSpan())
            {
                found += facts.TryRead(stored, out _) ? 1 : 0;
            }
        }

        for (int i = 0; i < 60; i++)
        {
            Round();
        }

        double best = double.MaxValue;
        long before = GC.GetAllocatedBytesForCurrentThread();
        const int Rounds = 40;
        for (int i = 0; i < Rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Round();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / events.Length);
        }

        Assert.Equal(100 * events.Length, found);
        return (best, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(Rounds * events.Length));
    }

    private void SameOtlp(OtlpSignal signal, byte[] body, Envelope envelope)
    {
        foreach (StoredEvent stored in Otlp(signal, body, envelope))
        {
            Same(stored);
        }
    }

    private void Same(in StoredEvent stored)
    {
        SessionFacts expected = SessionFacts.Of(whole.Read(stored));
        bool read = facts.TryRead(stored, out SessionFacts actual);
        Assert.Equal(expected.Session is { Length: > 0 }, read);
        compared++;
        if (read)
        {
            Assert.Equal(expected, actual);
            counted++;
            sequences += actual.Sequence is null ? 0 : 1;
        }
    }

    private static IEnumerable<StoredEvent> Otlp(OtlpSignal signal, byte[] body, Envelope envelope)
    {
        byte[] json = EnvelopeCodec.Write(envelope);
        (List<Walk.Entry> entries, OtlpError? error) = Walk.Read(signal, body);
        Assert.Null(error);
        return entries.Select(entry => entry.Stored with { Envelope = json });
    }

    private static StoredEvent Json(byte[] record, Envelope envelope) => new(7, Reading.ReceivedNs, EntryKind.Event, EnvelopeCodec.Write(envelope), default, default, record);

    private static Envelope AnyEnvelope(Random random, Envelope plain) => plain with
    {
        User = random.Next(4) == 0 ? "alice" : null, Project = random.Next(4) == 0 ? "p1" : null,
        Receiver = random.Next(20) == 0 ? "platform" : plain.Receiver, Cut = random.Next(9) == 0 ? new Dictionary<string, int> { ["process.args"] = 1 } : null,
    };

    private static KeyValue[] Attributes(Random random) => [.. Enumerable.Range(0, random.Next(9)).Select(_ => new KeyValue { Key = Keys[random.Next(Keys.Length)], Value = Value(random, 0) })];

    private static AnyValue? Value(Random random, int depth) => random.Next(depth < 2 ? 13 : 8) switch
    {
        0 => null,
        1 => new AnyValue { IntValue = random.Next(-5, 500) },
        2 => new AnyValue { BoolValue = true },
        3 => new AnyValue { DoubleValue = random.Next(40) / 4.0 },
        4 => new AnyValue { StringValue = "" },
        5 => new AnyValue { StringValue = new string('é', random.Next(1, 100)) },
        6 => new AnyValue { StringValue = random.Next(3) switch { 0 => "user:u7", 1 => "denied", _ => "12" } },
        7 => new AnyValue { StringValue = "v" + random.Next(3) },
        8 => new AnyValue { ArrayValue = new ArrayValue { Values = { Some(random, depth) } } },
        9 => new AnyValue { KvlistValue = new KeyValueList { Values = { new KeyValue { Key = random.Next(4) == 0 ? "x" : "sequence", Value = Value(random, depth + 1) } } } },
        _ => new AnyValue { IntValue = random.NextInt64() },
    };

    private static IEnumerable<AnyValue> Some(Random random, int depth) =>
        Enumerable.Range(0, random.Next(3)).Select(_ => Value(random, depth + 1) ?? new AnyValue());
}
