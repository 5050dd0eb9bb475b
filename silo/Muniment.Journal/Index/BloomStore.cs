using Dapper;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Index;

/// <summary>Bloom filters of sealed blocks, read some at a time and kept up to <see cref="MaxBytes"/>; the least recently asked are forgotten. Thread-safe.</summary>
internal sealed class BloomStore(IStateDatabase database, ITenantKeyring keyring)
{
    public const long MaxBytes = 48L << 20;

    private const int AtOnce = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<(long TenantNo, long FirstSeq), LinkedListNode<Kept>> _kept = [];
    private readonly LinkedList<Kept> _recent = new();
    private long _bytes;

    /// <summary>False when one of the words is certainly not in the block. Blocks without a filter may hold any word.</summary>
    public async ValueTask<bool> MayContainAsync(TenantId tenant, long tenantNo, long firstSeq, bool newestFirst, ulong[] words, CancellationToken cancellationToken)
    {
        byte[]? bits = Find((tenantNo, firstSeq));
        if (bits is null)
        {
            await LoadAsync(tenant, tenantNo, firstSeq, newestFirst, cancellationToken);
            bits = Find((tenantNo, firstSeq));
        }

        return bits is null || Array.TrueForAll(words, word => BloomFilter.MayContain(bits, word, firstSeq));
    }

    private async Task LoadAsync(TenantId tenant, long tenantNo, long firstSeq, bool newestFirst, CancellationToken cancellationToken)
    {
        string sql = newestFirst
            ? "SELECT first_seq AS FirstSeq, bloom AS Bloom FROM block_bloom WHERE tenant_no=@tenantNo AND first_seq<=@firstSeq ORDER BY first_seq DESC LIMIT @count"
            : "SELECT first_seq AS FirstSeq, bloom AS Bloom FROM block_bloom WHERE tenant_no=@tenantNo AND first_seq>=@firstSeq ORDER BY first_seq LIMIT @count";
        BloomRow[] rows = await database.ReadAsync(connection => connection.Query<BloomRow>(sql, new { tenantNo, firstSeq, count = AtOnce }).ToArray(), cancellationToken);
        foreach (BloomRow row in rows)
        {
            byte[] bits = PageCipher.Open(keyring, tenant, FrameFormat.Bloom, row.FirstSeq, 0, row.Bloom);
            lock (_lock)
            {
                if (_kept.TryAdd((tenantNo, row.FirstSeq), new LinkedListNode<Kept>(new Kept(tenantNo, row.FirstSeq, bits))))
                {
                    _recent.AddFirst(_kept[(tenantNo, row.FirstSeq)]);
                    _bytes += bits.Length;
                }

                Trim();
            }
        }
    }

    private byte[]? Find((long TenantNo, long FirstSeq) key)
    {
        lock (_lock)
        {
            if (!_kept.TryGetValue(key, out LinkedListNode<Kept>? node))
            {
                return null;
            }

            _recent.Remove(node);
            _recent.AddFirst(node);
            return node.Value.Bits;
        }
    }

    private void Trim()
    {
        while (_bytes > MaxBytes && _recent.Last is { } last)
        {
            _recent.RemoveLast();
            _kept.Remove((last.Value.TenantNo, last.Value.FirstSeq));
            _bytes -= last.Value.Bits.Length;
        }
    }

    private sealed record Kept(long TenantNo, long FirstSeq, byte[] Bits);

    private sealed record BloomRow(long FirstSeq, byte[] Bloom);
}
