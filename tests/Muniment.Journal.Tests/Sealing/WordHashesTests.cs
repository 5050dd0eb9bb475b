using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Events.Terms;
using Muniment.Journal.Sealing;

namespace Muniment.Journal.Tests.Sealing;

public class WordHashesTests
{
    [Fact]
    public void The_hashes_are_those_of_the_words_that_q_looks_in()
    {
        TenantKeys keys = new(TestJournal.Acme, 1, new byte[32]);
        WordHashes collector = new();
        Prop.ForAll<string[]>(texts =>
        {
            StoredEvent[] events = [.. texts.Select((text, i) => Event(i, text ?? ""))];
            Expected expected = new(new TermHasher(keys), []);
            foreach (StoredEvent stored in events)
            {
                EventWords.Collect(EventReader.Read(stored, TestJournal.Acme), ref expected);
            }

            Assert.True(expected.Hashes.SetEquals(collector.Collect(TestJournal.Acme, keys, events)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    private static StoredEvent Event(int seq, string text) => new(
        seq, TestSegments.Start, EntryKind.Event, """{"receiver":"events","stream":"activity"}"""u8.ToArray(), default, default,
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new
        {
            actor = new { id = "a", type = "agent" },
            action = "tool.execute",
            result = "success",
            target = text + "ÄÖ",
            tool = new { name = "Bash", command = "ls " + text },
            model = new { requested = "GPT-5" },
            artifact = new { name = "n" + text, version = "1.2" },
            extra = new { text, number = 12.5, list = new[] { text, "GRÜSSE \"quoted\"", new string('x', 200) } },
        }));

    private readonly struct Expected(TermHasher hasher, HashSet<ulong> hashes) : IWordSink
    {
        public HashSet<ulong> Hashes => hashes;

        public void Add(scoped ReadOnlySpan<char> word) => hashes.Add(hasher.HashWord(Encoding.UTF8.GetBytes(word.ToString())));
    }
}
