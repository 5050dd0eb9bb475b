using System.Diagnostics;
using System.Text;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Terms;
using Muniment.Gateway.Query.Filters;
using Muniment.TestData;
using Xunit.Abstractions;

namespace Muniment.Gateway.Tests.Query;

/// <summary>The look at the raw bytes may let too much through, but never leaves out what matches.</summary>
public sealed class ProbeTests(ITestOutputHelper output)
{
    private static readonly TenantId Tenant = TenantId.Parse("acme");

    private static List<StoredEvent> Generate(int count)
    {
        var generator = new EventGenerator(3);
        byte[] envelope = EnvelopeCodec.Write(new Envelope { Stream = "activity", Key = "key-one", Receiver = "otlp_http" });
        byte[] resource = EventGenerator.Resource(), scope = EventGenerator.Scope();
        return [.. Enumerable.Range(0, count).Select(i => i % 4 == 3
            ? new StoredEvent(i, 1795255340_000_000_000, EntryKind.Event, envelope, default, default, generator.JsonEvent())
            : new StoredEvent(i, 1795255340_000_000_000, EntryKind.Log, envelope, resource, scope, generator.LogRecord()))];
    }

    private readonly struct Words(List<string> words) : IWordSink
    {
        public void Add(scoped ReadOnlySpan<char> word) => words.Add(word.ToString());
    }

    [Fact]
    public void NothingThatMatchesIsLeftOut()
    {
        List<StoredEvent> events = Generate(300);
        var reader = new EventReader(Tenant);
        int probed = 0;
        foreach (StoredEvent stored in events)
        {
            CanonicalEvent e = reader.Read(stored);
            var words = new List<string>();
            var sink = new Words(words);
            EventWords.Collect(e, ref sink);
            foreach (string word in words.Distinct())
            {
                EventFilter filter = EventFilter.All with { Words = [word] };
                Assert.True(filter.Matches(e), word);
                Assert.True(filter.MayMatch(stored), word);
                probed += WordNeedles.For(word) is null ? 0 : 1;
            }

            foreach (FilterName name in FilterName.All)
            {
                string? value = Muniment.Events.Canonical.Fields.EventFields.TryResolve(Path(name.Name), out var field) ? field.Read(e).AsText() : null;
                if (value is not null)
                {
                    EventFilter filter = EventFilter.All with { Fields = [new FieldCondition(name, [value])] };
                    Assert.True(filter.Matches(e), name.Name);
                    Assert.True(filter.MayMatch(stored), $"{name.Name}={value}");
                }
            }
        }

        Assert.True(probed > 1000, $"only {probed} words could be looked for");
    }

    private static string Path(string name) => name switch
    {
        "correlation" or "session" => "trace." + name,
        "trace" => "trace.trace_id",
        "actor" => "actor.id",
        "user" => "actor.user",
        "agent" => "agent.kind",
        "policy" => "policy.id",
        "policy_version" => "policy.version",
        "model" => "model.requested",
        "tool" => "tool.name",
        "project" => "resource.project",
        "key" => "source.key",
        "address" => "source.address",
        "decision" => "decision.id",
        _ => name,
    };

    [Theory]
    [InlineData("Timeout", "log with TIMEOUT inside", true)]
    [InlineData("timeout", "log with tim", false)]
    [InlineData("kiosk", "KIOSK", true)]
    [InlineData("größe", "GRÖSSE GRÖßE", true)]
    public void TheCaseOfLettersDoesNotCount(string word, string text, bool may)
    {
        var stored = new StoredEvent(0, 0, EntryKind.Log, default, default, default, Encoding.UTF8.GetBytes(text));
        EventFilter filter = EventFilter.All with { Words = TextWords.Split(word) };
        Assert.Equal(may, filter.MayMatch(stored));
    }

    [Fact]
    public void JsonWithEscapesIsAlwaysRead()
    {
        var stored = new StoredEvent(0, 0, EntryKind.Event, default, default, default, """{"target":"rare\u0077ord"}"""u8.ToArray());
        Assert.True((EventFilter.All with { Words = ["rareword"] }).MayMatch(stored));
        Assert.True((EventFilter.All with { Fields = [new FieldCondition(FilterName.Find("target")!, ["rareword"])] }).MayMatch(stored));
    }

    [Fact]
    public void LookingThroughABlockForOneEventIsQuick()
    {
        List<StoredEvent> events = Generate(4096);
        string correlation = new EventReader(Tenant).Read(events[2000]).Trace!.Correlation!;
        foreach ((string name, EventFilter filter) in new[]
        {
            ("a correlation", EventFilter.All with { Fields = [new FieldCondition(FilterName.Find("correlation")!, [correlation])] }),
            ("a rare word", EventFilter.All with { Words = ["zyzzyva"] }),
        })
        {
            double best = double.MaxValue;
            int found = 0;
            for (int round = 0; round < 20; round++)
            {
                var reader = new EventReader(Tenant);
                long start = Stopwatch.GetTimestamp();
                found = events.Count(stored => filter.MayMatch(stored) && filter.Matches(reader.Read(stored)));
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            int read = events.Count(stored => filter.MayMatch(stored));
            output.WriteLine($"{name}: {best:F2} ms a block of 4096, {read} events read, {found} found");
            Assert.True(read < 100, $"{name}: {read} of 4096 events had to be read");
        }
    }
}
