using Muniment.Events.Canonical;
using Muniment.Events.Otlp;
using Muniment.Events.Tests.Otlp;
using Muniment.Events.Tests.Otlp.Oracle;

namespace Muniment.Events.Tests.Mapping;

public class OtlpTermsTests
{
    [Fact]
    public void Terms_at_the_door_are_those_of_the_mapped_event()
    {
        foreach ((OtlpSignal signal, byte[] body, _) in Walk.All)
        {
            List<Walk.Entry> entries = Walk.Read(signal, body).Entries;
            foreach ((Walk.Entry entry, (HashSet<(TermField, string)> terms, long timeNs)) in entries.Zip(Mapped.Terms(signal, body)))
            {
                CanonicalEvent e = Mapped.Map(entry.Stored);
                Assert.Equal(Of(e, Mapped.Envelope).Order(), terms.Order());
                Assert.Equal(e.TimeNs, timeNs);
            }
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

    /// <summary>The rule of the index, written down a second time over the canonical event.</summary>
    private static HashSet<(TermField, string)> Of(CanonicalEvent e, Envelope envelope)
    {
        (TermField, string?)[] all =
        [
            (TermField.Correlation, e.Trace?.Correlation), (TermField.Trace, e.Trace?.TraceId), (TermField.Session, e.Trace?.Session),
            (TermField.Actor, e.Actor.Id), (TermField.User, e.Actor.User ?? (e.Actor.Type == "user" ? e.Actor.Id : null)), (TermField.Agent, e.Agent?.Kind),
            (TermField.Action, e.Action), (TermField.Result, e.Result), (TermField.Model, e.Model?.Requested), (TermField.Model, e.Model?.Served),
            (TermField.Tool, e.Tool?.Name), (TermField.Project, e.Resource?.Project), (TermField.Work, e.Resource?.Repo), (TermField.Address, e.Client?.Address),
            (TermField.Address, envelope.Address), (TermField.Key, envelope.Key), (TermField.Stream, e.Kind == EntryKind.Metric ? null : envelope.Stream),
            (TermField.Signal, e.Kind.ToString().ToLowerInvariant()),
        ];
        return [.. all.Where(t => !string.IsNullOrEmpty(t.Item2)).Select(t => (t.Item1, t.Item2!))];
    }
}
