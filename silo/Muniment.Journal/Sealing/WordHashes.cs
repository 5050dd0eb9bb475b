using System.Text;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Events.Terms;

namespace Muniment.Journal.Sealing;

/// <summary>Collects the keyed hashes of a block's words (<see cref="EventWords"/>). Used by one thread at a time.</summary>
internal sealed class WordHashes
{
    private readonly HashSet<ulong> _hashes = [];

    /// <summary>The distinct words of the events' text. Valid until the next call.</summary>
    public IReadOnlyCollection<ulong> Collect(TenantId tenant, TenantKeys keys, ReadOnlySpan<StoredEvent> events)
    {
        _hashes.Clear();
        EventReader reader = new(tenant);
        Sink sink = new(new TermHasher(keys), _hashes);
        foreach (ref readonly StoredEvent stored in events)
        {
            EventWords.Collect(reader.Read(stored), ref sink);
        }

        return _hashes;
    }

    private readonly struct Sink(TermHasher hasher, HashSet<ulong> hashes) : IWordSink
    {
        private const int MaxUtf8Bytes = TextWords.MaxLength * 3;

        public void Add(scoped ReadOnlySpan<char> word)
        {
            Span<byte> utf8 = stackalloc byte[MaxUtf8Bytes];
            hashes.Add(hasher.HashWord(utf8[..Encoding.UTF8.GetBytes(word, utf8)]));
        }
    }
}
