using System.Text;
using Muniment.Events.Canonical;
using Muniment.Events.Terms;
using static Muniment.Events.Tests.Canonical.Reading;

namespace Muniment.Events.Tests.Canonical;

public sealed class CanonicalTermsTests
{
    private const string Json1 = """
        {"id":"i","actor":"user:u1","agent":{"kind":"codex"},"action":"a.b","result":"denied","policy":{"id":"p","version":12},"target":"t","model":{"requested":"m1","served":"m2"},
        "tool":{"name":"bash"},"risk":"low","resource":{"project":"pr","ticket":"T-1","incident":"I-1","repo":"r"},"client":{"address":"1.2.3.4"},
        "trace":{"correlation":"c","session":"s","trace_id":"0af7651916cd43dd8448eb211c80319c"}}
        """;

    private struct Sink() : ITermSink
    {
        public readonly List<string> Terms = [];

        public readonly void Add(TermField field, ReadOnlySpan<byte> value) => Terms.Add($"{field}={Encoding.UTF8.GetString(value)}");
    }

    private static List<string> Collect(CanonicalEvent e)
    {
        var sink = new Sink();
        CanonicalTerms.Collect(e, ref sink);
        return sink.Terms;
    }

    [Fact]
    public void EveryIndexedFieldGivesItsTerms() => Assert.Equal(
        [
            "Correlation=c", "Trace=0af7651916cd43dd8448eb211c80319c", "Session=s", "Actor=u1", "User=u1", "Agent=codex", "Action=a.b", "Result=denied", "Policy=p",
            "PolicyVersion=12", "Target=t", "Model=m1", "Model=m2", "Tool=bash", "Stream=activity", "Signal=event", "Risk=low", "Project=pr", "Key=k1",
            "Address=1.2.3.4", "Address=9.9.9.9", "Work=T-1", "Work=I-1", "Work=r", "Id=i",
        ],
        Collect(Read(Json1, Plain with { Address = "9.9.9.9" })));

    [Fact]
    public void TheDoorSeesTheSameTermsAsTheReader()
    {
        Envelope bound = Plain with { User = "alice", Project = "p9", IdConflict = true };
        CanonicalEvent atDoor = Parse(Json1).Event!;
        EnvelopeOverlay.Apply(atDoor, bound);
        Assert.Equal(Collect(Read(Json1, bound)), Collect(atDoor));
        Assert.Contains("User=alice", Collect(atDoor));
        Assert.DoesNotContain("Id=i", Collect(atDoor));
    }

    [Fact]
    public void DecisionsAreFoundById() => Assert.Contains("Decision=d7", Collect(Read(
        """{"actor":"a","action":"x","result":"info","stream":"decision","decision":{"phase":"request","id":"d7"}}""", new Envelope { Receiver = "platform" })));

    [Fact]
    public void LongValuesAreTermsToo() => Assert.Contains("Target=" + new string('é', 5000),
        Collect(Read($$"""{"actor":"a","action":"x","result":"info","target":"{{new string('é', 5000)}}"}""")));
}
