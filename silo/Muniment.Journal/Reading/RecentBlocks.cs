using System.Runtime.CompilerServices;
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

    /// <summary>Bytes that an event takes besides its record, leaf included.</summary>
    private const int EventBytes = 128;

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, LinkedListNode<Kept>> _kept = [];
    private readonly LinkedList<Kept> _recent = new();
    private readonly ConditionalWeakTable<DecodedBlock, byte[]> _leaves = [];
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

    /// <summary>The block if it is at hand.</summary>
    public DecodedBlock? Find(Key key)
    {
        lock (_lock)
        {
            if (!_kept.TryGetValue(key, out LinkedListNode<Kept>? node))
            {
                return null;
            }

            _recent.Remove(node);
            _recent.AddFirst(node);
            JournalInstruments.BlocksShared.Add(1);
            return node.Value.Block;
        }
    }

    /// <summary>Keeps a block. One that alone is larger than the limit is not kept.</summary>
    public void Add(Key key, DecodedBlock block)
    {
        long bytes = SizeOf(block);
        if (bytes > maxBytes)
        {
            return;
        }

        lock (_lock)
        {
            LinkedListNode<Kept> node = new(new Kept(key, block, bytes));
            if (!_kept.TryAdd(key, node))
            {
                return; // two readers were as fast
            }

            _recent.AddFirst(node);
            _bytes += bytes;
            while (_bytes > maxBytes)
            {
                Kept oldest = _recent.Last!.Value;
                _recent.RemoveLast();
                _kept.Remove(oldest.Key);
                _bytes -= oldest.SizeBytes;
            }
        }
    }

    /// <summary>The leaf hashes of a decoded block, 32 bytes each, found or made once for as long as it is kept.</summary>
    public ReadOnlyMemory<byte> LeavesOf(TenantId tenant, long tenantNo, DecodedBlock block) => _leaves.GetValue(block, wanted =>
    {
        if (committed.Find(tenantNo, wanted.FirstSeq, wanted.Events.Length) is { } known)
        {
            return known;
        }

        byte[] leaves = new byte[wanted.Events.Length * 32];
        new LeafHasher().Hash(wanted.Events.AsSpan(), wanted.Ranges.AsSpan(), tenant, keyring, leaves);
        return leaves;
    });

    // Envelopes, resources and scopes lie in the same memory as the records and can be far larger; neighbours mostly share them.
    private static long SizeOf(DecodedBlock block)
    {
        long bytes = 0;
        StoredEvent before = default;
        foreach (ref readonly StoredEvent stored in block.Events.AsSpan())
        {
            bytes += stored.Record.Length + EventBytes + Own(stored.Envelope, before.Envelope) + Own(stored.Resource, before.Resource) + Own(stored.Scope, before.Scope);
            before = stored;
        }

        return bytes;

        static int Own(ReadOnlyMemory<byte> part, ReadOnlyMemory<byte> before) => part.Equals(before) ? 0 : part.Length;
    }

    /// <summary>Which block.</summary>
    internal readonly record struct Key(long TenantNo, long FirstSeq, long LastSeq);

    private sealed record Kept(Key Key, DecodedBlock Block, long SizeBytes);
}
