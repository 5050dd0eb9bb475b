using Muniment.Events.Canonical;
using Muniment.Events.Terms;
using static Muniment.Events.Tests.Canonical.Reading;

namespace Muniment.Events.Tests.Canonical;

public sealed class EventWordsTests
{
    private readonly struct Sink(List<string> words) : IWordSink
    {
        public void Add(scoped ReadOnlySpan<char> word) => words.Add(word.ToString());
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(" .,-_/ ", "")]
    [InlineData("Rm -RF /home", "rm rf home")]
    [InlineData("j@acme.com j", "j acme com")]
    [InlineData("GRÖSSE Straße 日本 x2", "grösse straße 日本 x2")]
    public void WordsAreRunsOfLettersAndDigitsFolded(string text, string words) => Assert.Equal(words, string.Join(' ', TextWords.Split(text)));

    [Fact]
    public void LongWordsAreCutTheSameOnBothSides() =>
        Assert.Equal([new string('a', 64)], TextWords.Split(new string('A', 200)).AsEnumerable());

    [Fact]
    public void AnEventsWordsAreThoseOfItsTextFields()
    {
        string[] words = Collect(Read("""
            {"actor":"noactor","action":"a1.a2","target":"t1","result":"info","reason":"r1","artifact":{"kind":"k1","name":"n1","version":"v1","digest":"sha256:d1"},
            "tool":{"name":"tn","server":"ts","call":"tc","command":"cmd x"},"model":{"provider":"mp","requested":"mr","served":"ms"},"resource":{"project":"noproject"},
            "details":{"noname":"Text \u0041b","list":["l1",{"n":42.5}],"flag":true}}
            """));
        Assert.Equal("a1 a2 t1 r1 k1 n1 v1 sha256 d1 tn ts tc cmd x mp mr ms text ab l1 42 5", string.Join(' ', words));
        Assert.Equal(2000, Collect(Read($$$"""{"actor":"a","action":"x","result":"info","details":{"long":"{{{string.Join(' ', Enumerable.Repeat("w", 2000))}}}"}}""")).Count(w => w == "w"));
    }

    private static string[] Collect(CanonicalEvent e)
    {
        var words = new List<string>();
        var sink = new Sink(words);
        EventWords.Collect(e, ref sink);
        return [.. words];
    }
}
