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

namespace Muniment.Journal.Sealing;

/// <summary>
/// Merges commit rows into sealed blocks. Before the commit rows are deleted, in the same transaction as the sealed block appears, that block has been decoded
/// again, its leaves have been hashed again, and the tree over them has had the root that the last commit row was written with. Runs on <see cref="SealerThread"/>.
/// </summary>
internal sealed class BlockSealer(IStateDatabase database, TenantNumbers tenants, ITenantKeyring keyring, RecentBlocks recent, SealLimits limits, TimeProvider time) : IDisposable
{
    private readonly SealerThread _thread = new();
    private readonly ConcurrentDictionary<long, Standing> _standings = new(); // by tenant, as of the last round; everything else belongs to the thread that works
    private readonly RunBuilder _runs = new(database, keyring);
    private readonly TermIndex _index = new(database, keyring);
    private readonly Housekeeper _housekeeper = new(database, time);
    private readonly SealedBlockEncoder _encoder = new();
    private readonly SegmentDecoder _segments = new();
    private readonly BlockBuffers _merged = new();
    private readonly BlockVerifier _verifier = new(keyring);
    private readonly WordHashes _words = new();
    private readonly HashSlots _terms = new();
    private double _eventBytes;
    private volatile bool _stopping;

    public async ValueTask<long> SealAsync(JournalHead head, CancellationToken cancellationToken)
    {
        if (await tenants.FindAsync(head.Tenant, cancellationToken) is not { } tenantNo)
        {
            return 0;
        }

        bool urgent = _standings.TryGetValue(tenantNo, out Standing? standing) && standing.IsUrgent(head.Size, limits);
        return await _thread.Enqueue(
            tenantNo,
            urgent,
            () =>
            {
                long sealedSize = Seal(head, tenantNo, urgent);
                _standings[tenantNo] = new Standing(sealedSize, _eventBytes);
                return sealedSize;
            }).WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Dispose();
        _encoder.Dispose();
        _segments.Dispose();
        _verifier.Dispose();
    }

    private long Seal(JournalHead head, long tenantNo, bool urgent)
    {
        bool more = SealRound(head, tenantNo, urgent);
        long sealedSize = database.ReadAsync(connection => connection.ExecuteScalar<long>("SELECT sealed_size FROM tenant_log WHERE tenant_no=@tenantNo", new { tenantNo })).GetAwaiter().GetResult();
        if (!_stopping)
        {
            _housekeeper.Sweep(tenantNo);
            if (!more || !database.ReadAsync(connection => SealInput.IsRipe(connection, tenantNo, sealedSize, limits)).GetAwaiter().GetResult())
            {
                _housekeeper.Shrink(() => _stopping);
            }
        }

        return sealedSize;
    }

    /// <summary>Seals some blocks. True when more may be ripe.</summary>
    private bool SealRound(JournalHead head, long tenantNo, bool urgent)
    {
        byte[] peaks = database.ReadAsync(connection => SealInput.Peaks(connection, tenantNo)).GetAwaiter().GetResult();
        using var round = new SealingRound(
            head.Tenant,
            _verifier,
            beside: urgent,
            peaks,
            row => database.WriteAsync(connection => Replace(connection, tenantNo, head.Epoch, row), row.SizeBytes, WriteClass.Background),
            row => Kept(head.Tenant, tenantNo, row));
        bool kept = true;
        bool more = true;
        try
        {
            for (int blocks = 0; kept && more && !_stopping && blocks < limits.MaxRoundBlocks; blocks++)
            {
                SealedBlockRow? next = Make(head, tenantNo, round.Last);
                more = next is not null;
                kept = !more || round.Advance(next);
            }
        }
        finally
        {
            // Also when the next one cannot be made: those on their way are good.
            kept = kept && round.Advance(null) && round.Advance(null);
        }

        return kept && more;
    }

    private SealedBlockRow? Make(JournalHead head, long tenantNo, SealedBlockRow? after)
    {
        using SealInput? input = database.ReadAsync(connection => SealInput.Load(connection, tenantNo, head.Epoch, limits, after)).GetAwaiter().GetResult();
        return input is null ? null : Merge(head.Tenant, tenantNo, input);
    }

    private void Kept(TenantId tenant, long tenantNo, SealedBlockRow row)
    {
        Failpoints.Pass(Failpoints.AfterSeal);
        JournalInstruments.Sealed.Add(row.LastSeq - row.FirstSeq + 1);
        BuildRuns(tenant, tenantNo);
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

        _eventBytes = input.Rows.Sum(row => (double)(row.Payload!.Bytes.Length + row.Terms.Length)) / merged.Events.Length;
        TenantKeys keys = keyring.Current(tenant);
        LentBytes payload = _encoder.EncodeLent(merged.Events, merged.Ranges, input.Rows.Min(row => row.MinNs), input.Rows.Max(row => row.MaxNs), keys);
        byte[] bloom = BloomFilter.Build(_words.Collect(tenant, keys, merged.Events, _encoder.Values), input.SealedSize);
        return new SealedBlockRow(
            input.SealedSize, input.Rows[^1].LastSeq, input.Rows.Min(row => row.MinNs), input.Rows.Max(row => row.MaxNs), input.Rows.Max(row => row.ReceivedNs),
            input.Rows[^1].Root, payload, TermLists.Of(_terms.ToSorted()), PageCipher.Seal(keys, FrameFormat.Bloom, input.SealedSize, 0, bloom));
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

    /// <summary>How far a tenant's log is sealed, and what an event of the last block took as a part of a commit row.</summary>
    private sealed record Standing(long SealedSize, double EventBytes)
    {
        public bool IsUrgent(long size, SealLimits limits) => size - SealedSize > limits.UrgentEvents || (size - SealedSize) * EventBytes > limits.UrgentBytes;
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
