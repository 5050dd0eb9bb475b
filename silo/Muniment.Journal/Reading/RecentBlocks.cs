using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Reading;

/// <summary>
/// Blocks that were decoded a moment ago, for those who follow a log and would each decode them again: deliveries, projections, sealing. Kept up to a number of bytes; the least
/// recently wanted are forgotten. A block is known by its first and last seq: commit row and sealed block over the same seqs hold the same events. Thread-safe.
/// </summary>
internal sealed class RecentBlocks(ITenantKeyring keyring, RecentLeaves committed, long maxBytes = RecentBlocks.DefaultMaxBytes)
{
    /// <summary>Bytes of events that are kept.</summary>
    public const long DefaultMaxBytes = 16L << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, LinkedListNode<Kept>> _kept = [];
    private readonly LinkedList<Kept> _recent = new();
    private long _bytes;

    /// <summary>Bytes held now.</summary>
    public long SizeBytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes;
            }
        }
    }

    /// <summary>The block if it is at hand; the caller is among its users then and must leave it.</summary>
    public SharedBlock? Find(Key key)
    {
        lock (_lock)
        {
            if (!_kept.TryGetValue(key, out LinkedListNode<Kept>? node) || !node.Value.Block.TryEnter())
            {
                return null;
            }

            _recent.Remove(node);
            _recent.AddFirst(node);
            JournalInstruments.BlocksShared.Add(1);
            return node.Value.Block;
        }
    }

    /// <summary>Keeps a block that the caller is a user of, and remains. One that alone is larger than the limit is not kept.</summary>
    public void Add(Key key, SharedBlock block)
    {
        if (block.SizeBytes > maxBytes)
        {
            return;
        }

        lock (_lock)
        {
            LinkedListNode<Kept> node = new(new Kept(key, block));
            if (!_kept.TryAdd(key, node))
            {
                return; // two readers were as fast
            }

            _ = block.TryEnter(); // the caller is in it
            _recent.AddFirst(node);
            _bytes += block.SizeBytes;
            while (_bytes > maxBytes)
            {
                Kept oldest = _recent.Last!.Value;
                _recent.RemoveLast();
                _kept.Remove(oldest.Key);
                _bytes -= oldest.Block.SizeBytes;
                oldest.Block.Leave();
            }
        }
    }

    /// <summary>The leaf hashes of a block, 32 bytes each, found or made once; good as long as the caller is among its users.</summary>
    public ReadOnlyMemory<byte> LeavesOf(TenantId tenant, long tenantNo, SharedBlock block) => block.Leaves((wanted, leaves) =>
    {
        if (!committed.TryCopy(tenantNo, wanted.FirstSeq, leaves.Span))
        {
            new LeafHasher().Hash(wanted.Events, wanted.Ranges.AsSpan(), tenant, keyring, leaves);
        }
    });

    /// <summary>Which block.</summary>
    internal readonly record struct Key(long TenantNo, long FirstSeq, long LastSeq);

    private sealed record Kept(Key Key, SharedBlock Block);
}
