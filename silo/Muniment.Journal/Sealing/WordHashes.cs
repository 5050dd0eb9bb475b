using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Events.Mapping;
using Muniment.Events.Terms;
using Muniment.Journal.Text;

namespace Muniment.Journal.Sealing;

/// <summary>Collects the keyed hashes of a block's words. Used by one thread at a time.</summary>
internal sealed class WordHashes
{
    private readonly OtlpMapper _mapper = new();
    private readonly HashSet<ulong> _hashes = [];

    /// <summary>The distinct words of the events' text. Valid until the next call.</summary>
    public IReadOnlyCollection<ulong> Collect(TenantId tenant, TenantKeys keys, ReadOnlySpan<StoredEvent> events)
    {
        _hashes.Clear();
        EventReader reader = new(tenant, _mapper);
        Visitor visitor = new(new TermHasher(keys), _hashes);
        foreach (ref readonly StoredEvent stored in events)
        {
            EventText.Each(reader.Read(stored), ref visitor);
        }

        return _hashes;
    }

    private readonly struct Visitor(TermHasher hasher, HashSet<ulong> hashes) : IWordVisitor
    {
        public void Visit(ReadOnlySpan<byte> word) => hashes.Add(hasher.HashWord(word));
    }
}
