using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Blocks.Sealed;
using Muniment.Events.Keys;
using Muniment.Journal.Index;
using Muniment.Journal.Reading;
using Muniment.Journal.Storage;
using Muniment.Journal.Writing;
using Muniment.Trust.Merkle;

namespace Muniment.Journal.Sealing;

/// <summary>
/// Merges commit rows into sealed blocks. Before the commit rows are deleted, in the same transaction as the sealed block appears, that block has been decoded
/// again, its leaves have been hashed again, and the tree over them has had the root that the last commit row was written with. Runs on <see cref="SealerThread"/>.
/// </summary>
internal sealed class BlockSealer(IStateDatabase database, TenantNumbers tenants, ITenantKeyring keyring, RecentBlocks recent, SealLimits limits, TimeProvider time) : IDisposable
{
    private const int LeavesAtOnce = 512;

    private readonly SealerThread _thread = new();
    private readonly ConcurrentDictionary<long, long> _sealedSizes = new(); // by tenant, as of the last round; everything else belongs to the thread that works
    private readonly RunBuilder _runs = new(database, keyring);
    private readonly TermIndex _index = new(database, keyring);
    private readonly Housekeeper _housekeeper = new(database, time);
    private readonly SealedBlockEncoder _encoder = new();
    private readonly SegmentDecoder _segments = new();
    private readonly BlockBuffers _merged = new();
    private readonly SealedBlockDecoder _decoder = new();
    private readonly LeafHasher _hasher = new();
    private readonly byte[] _leaves = new byte[Segment.MaxEvents * MerkleHash.SizeBytes];
    private readonly WordHashes _words = new();
    private readonly HashSlots _terms = new();
    private volatile bool _stopping;

    public async ValueTask<long> SealAsync(JournalHead head, CancellationToken cancellationToken)
    {
        if (await tenants.FindAsync(head.Tenant, cancellationToken) is not { } tenantNo)
        {
            return 0;
        }

        bool urgent = _sealedSizes.TryGetValue(tenantNo, out long sealedSize) && head.Size - sealedSize > limits.UrgentEvents;
        return await _thread.Enqueue(tenantNo, urgent, () => _sealedSizes[tenantNo] = Seal(head, tenantNo)).WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Dispose();
        _encoder.Dispose();
        _segments.Dispose();
        _decoder.Dispose();
    }

    private long Seal(JournalHead head, long tenantNo)
    {
        bool more = SealRound(head, tenantNo);
        if (!_stopping)
        {
            _housekeeper.Sweep(tenantNo);
            if (!more)
            {
                _housekeeper.Shrink(() => _stopping);
            }
        }

        return database.ReadAsync(connection => connection.ExecuteScalar<long>("SELECT sealed_size FROM tenant_log WHERE tenant_no=@tenantNo", new { tenantNo })).GetAwaiter().GetResult();
    }

    /// <summary>Seals some blocks. While one is being written, which waits for its turn among the appends, the next one is made. True when more may be ripe.</summary>
    private bool SealRound(JournalHead head, long tenantNo)
    {
        (SealedBlockRow Row, Task<bool> Written)? last = null;
        for (int blocks = 0; !_stopping && blocks < limits.MaxRoundBlocks; blocks++)
        {
            SealedBlockRow? next = null;
            bool kept = false;
            try
            {
                SealedBlockRow? after = last?.Row;
                if (database.ReadAsync(connection => SealInput.Load(connection, tenantNo, head.Epoch, limits, after)).GetAwaiter().GetResult() is { } input)
                {
                    using (input)
                    {
                        next = Merge(head.Tenant, tenantNo, input);
                    }
                }
            }
            finally
            {
                kept = Finish(head.Tenant, tenantNo, last); // also when the next one cannot be made: this one is good
            }

            if (!kept || next is null)
            {
                return false;
            }

            SealedBlockRow row = next;
            last = (row, database.WriteAsync(connection => Replace(connection, tenantNo, head.Epoch, row), row.SizeBytes, WriteClass.Background));
        }

        return Finish(head.Tenant, tenantNo, last);
    }

    /// <summary>Waits until a block is durable; false when another writer took over.</summary>
    private bool Finish(TenantId tenant, long tenantNo, (SealedBlockRow Row, Task<bool> Written)? last)
    {
        if (last is not { } block)
        {
            return true;
        }

        using SealedBlockRow row = block.Row;
        if (!block.Written.GetAwaiter().GetResult())
        {
            return false;
        }

        Failpoints.Pass(Failpoints.AfterSeal);
        JournalInstruments.Sealed.Add(row.LastSeq - row.FirstSeq + 1);
        BuildRuns(tenant, tenantNo);
        return true;
    }

    private SealedBlockRow Merge(TenantId tenant, long tenantNo, SealInput input)
    {
        using BlockBuffers merged = _merged;
        using var lent = new Lent();
        _terms.Clear();
        foreach (SealInput.CommitBlock row in input.Rows)
        {
            int before = merged.Events.Length;
            if (recent.Find(new RecentBlocks.Key(tenantNo, row.FirstSeq, row.LastSeq)) is { } block)
            {
                lent.Blocks.Add(block);
                merged.Add(block.Events, block.Ranges.AsSpan()); // authenticated when it was decoded, and what is sealed must give the committed root anyway
            }
            else
            {
                _segments.Decode(row.Payload!.Bytes.Span, tenant, keyring, row.FirstSeq, merged);
                JournalInstruments.BlocksRead.Add(1);
            }

            if (merged.Events.Length - before != row.LastSeq - row.FirstSeq + 1)
            {
                throw new JournalCorruptException(JournalFault.Content, row.FirstSeq, 0, $"{merged.Events.Length - before} events in a row for {row.LastSeq - row.FirstSeq + 1}");
            }

            TermLists.AddTo(row.Terms, _terms);
        }

        TenantKeys keys = keyring.Current(tenant);
        LentBytes payload = _encoder.EncodeLent(merged.Events, merged.Ranges, input.Rows.Min(row => row.MinNs), input.Rows.Max(row => row.MaxNs), keys);
        byte[] peaks = Verify(tenant, payload.Bytes, input);
        byte[] bloom = BloomFilter.Build(_words.Collect(tenant, keys, merged.Events, _encoder.Values), input.SealedSize);
        return new SealedBlockRow(
            input.SealedSize, input.Rows[^1].LastSeq, input.Rows.Min(row => row.MinNs), input.Rows.Max(row => row.MaxNs), input.Rows.Max(row => row.ReceivedNs),
            peaks, payload, TermLists.Of(_terms.ToSorted()), PageCipher.Seal(keys, FrameFormat.Bloom, input.SealedSize, 0, bloom));
    }

    /// <summary>Reads the new block as a reader will, hashes its leaves again, and compares the tree with what the commit wrote.</summary>
    private byte[] Verify(TenantId tenant, ReadOnlyMemory<byte> payload, SealInput input)
    {
        int count = _decoder.HashLeaves(payload, tenant, keyring, input.SealedSize, _hasher, _leaves);
        if (count == 0)
        {
            DecodedBlock decoded = _decoder.Decode(payload, tenant, keyring, input.SealedSize);
            count = decoded.Events.Length;
            _hasher.Hash(decoded.Events.AsSpan(), decoded.Ranges.AsSpan(), tenant, keyring, _leaves);
        }

        MerkleFrontier tree = new(input.SealedSize, input.Peaks);
        for (int done = 0; done < count; done += LeavesAtOnce)
        {
            // A few at a time: the tree takes as much room again.
            tree.Append(_leaves.AsSpan(done * MerkleHash.SizeBytes, Math.Min(LeavesAtOnce, count - done) * MerkleHash.SizeBytes));
        }

        if (tree.Size != input.Rows[^1].LastSeq + 1 || !tree.Root().AsSpan().SequenceEqual(input.Rows[^1].Root))
        {
            throw new JournalCorruptException(JournalFault.Content, input.SealedSize, 0, "the sealed block does not give the root that was committed; the commit blocks are kept");
        }

        return tree.Peaks();
    }

    private static bool Replace(DbConnection connection, long tenantNo, long epoch, SealedBlockRow row)
    {
        int changed = connection.Execute(
            "UPDATE tenant_log SET sealed_size=@next WHERE tenant_no=@tenantNo AND epoch=@epoch AND sealed_size=@seen", new { next = row.LastSeq + 1, tenantNo, epoch, seen = row.FirstSeq });
        if (changed != 1)
        {
            return false;
        }

        row.Insert(connection, tenantNo);
        Failpoints.Pass(Failpoints.MidSeal);
        connection.Execute("DELETE FROM commit_block WHERE tenant_no=@tenantNo AND first_seq>=@FirstSeq AND last_seq<=@LastSeq", new { tenantNo, row.FirstSeq, row.LastSeq });
        return true;
    }

    private void BuildRuns(TenantId tenant, long tenantNo)
    {
        UnindexedRow[] unindexed = database.ReadAsync(connection => connection.Query<UnindexedRow>(
            """
            SELECT t.first_seq AS FirstSeq, b.last_seq AS LastSeq FROM sealed_terms t
            JOIN sealed_block b ON b.tenant_no=t.tenant_no AND b.first_seq=t.first_seq WHERE t.tenant_no=@tenantNo ORDER BY t.first_seq
            """,
            new { tenantNo }).ToArray()).GetAwaiter().GetResult();
        if (unindexed.Length < limits.BaseBlocks)
        {
            return;
        }

        unindexed = unindexed[..limits.BaseBlocks];
        Dictionary<long, byte[]> terms = database.ReadAsync(connection => connection.Query<TermsRow>(
            "SELECT first_seq AS FirstSeq, terms AS Terms FROM sealed_terms WHERE tenant_no=@tenantNo AND first_seq<=@last",
            new { tenantNo, last = unindexed[^1].FirstSeq }).ToDictionary(row => row.FirstSeq, row => row.Terms)).GetAwaiter().GetResult();
        _runs.Build(tenant, tenantNo, [.. unindexed.Select(row => (row.FirstSeq, row.LastSeq, terms[row.FirstSeq]))]);
        for (int level = 0; level < limits.MaxLevel && !_stopping; level++)
        {
            ImmutableArray<IndexRun> runs = _index.LoadRuns(tenant, tenantNo, level);
            if (runs.Length < limits.FanIn)
            {
                return;
            }

            _runs.Merge(tenant, tenantNo, runs[..limits.FanIn]);
        }
    }

    /// <summary>Blocks of others that are read while a block is made.</summary>
    private sealed class Lent : IDisposable
    {
        public List<SharedBlock> Blocks { get; } = [];

        public void Dispose() => Blocks.ForEach(static block => block.Leave());
    }

    private sealed record UnindexedRow(long FirstSeq, long LastSeq);

    private sealed record TermsRow(long FirstSeq, byte[] Terms);
}
