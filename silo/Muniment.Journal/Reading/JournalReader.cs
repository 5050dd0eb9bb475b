using System.Collections.Immutable;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Journal.Index;
using Muniment.Journal.Storage;
using Muniment.Journal.Writing;

namespace Muniment.Journal.Reading;

/// <summary>Reads on either database. Holds a directory of blocks for each tenant that was asked for; payloads are fetched one at a time.</summary>
internal sealed class JournalReader(IStateDatabase database, TenantNumbers tenants, BlockDecoders decoders, ITenantKeyring keyring) : IJournalReader
{
    private readonly TermIndex _index = new(database, keyring);
    private readonly BloomStore _blooms = new(database, keyring);
    private readonly DirectoryCache _directories = new(database, new TermIndex(database, keyring));

    public async ValueTask<long> SizeAsync(TenantId tenant, CancellationToken cancellationToken) => await database.ReadAsync(
        connection => connection.ExecuteScalar<long?>("SELECT size FROM tenant_log WHERE tenant=@Value", new { tenant.Value }), cancellationToken) ?? 0;

    public async IAsyncEnumerable<JournalBlock> ReadAsync(
        TenantId tenant, SeqRange range, BlockFilter filter, bool newestFirst, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (SeededBugs.TenantFilterRemoved)
        {
            tenant = await database.ReadAsync(connection => TenantId.Parse(connection.ExecuteScalar<string>("SELECT tenant FROM tenant_log ORDER BY tenant_no LIMIT 1")!), cancellationToken);
        }

        if (await tenants.FindAsync(tenant, cancellationToken) is not { } tenantNo)
        {
            yield break;
        }

        BlockSelector selector = new(_index, _blooms, keyring, tenant, tenantNo, filter, newestFirst);
        TenantDirectory directory = _directories.Of(tenant, tenantNo);
        DirectoryView view = await directory.RefreshAsync(cancellationToken);
        long from = Math.Max(0, range.From);
        long to = Math.Min(range.To, view.Size);
        while (from < to)
        {
            cancellationToken.ThrowIfCancellationRequested();
            BlockEntry? entry = newestFirst ? view.AtOrBefore(to - 1) : view.AtOrAfter(from);
            if (entry is null || entry.LastSeq < from || entry.FirstSeq >= to)
            {
                yield break;
            }

            bool? match = await selector.MayMatchAsync(view, entry, cancellationToken);
            if (match is null)
            {
                view = await directory.RefreshAsync(cancellationToken);
                continue;
            }

            if (match == true)
            {
                byte[]? payload = await database.ReadAsync(connection => Fetch(connection, tenantNo, entry), cancellationToken);
                if (payload is null)
                {
                    // Sealed since the directory was read: the same events lie in a sealed block now.
                    DirectoryView next = await directory.RefreshAsync(cancellationToken);
                    view = ReferenceEquals(next, view) ? throw Missing(tenant, entry) : next;
                    continue;
                }

                yield return Cut(decoders.Decode(tenant, payload, entry.FirstSeq), from, to);
            }
            else
            {
                JournalInstruments.BlocksSkipped.Add(1);
            }

            if (newestFirst)
            {
                to = entry.FirstSeq;
            }
            else
            {
                from = entry.LastSeq + 1;
            }
        }
    }

    private static byte[]? Fetch(DbConnection connection, long tenantNo, BlockEntry entry) => connection.QueryFirstOrDefault<byte[]>(
        entry.IsSealed
            ? "SELECT payload FROM sealed_block WHERE tenant_no=@tenantNo AND first_seq=@FirstSeq"
            : "SELECT payload FROM commit_block WHERE tenant_no=@tenantNo AND first_seq=@FirstSeq",
        new { tenantNo, entry.FirstSeq });

    private static JournalBlock Cut(DecodedBlock block, long from, long to)
    {
        ReadOnlySpan<StoredEvent> events = block.Events.AsSpan();
        int skip = (int)Math.Clamp(from - block.FirstSeq, 0, events.Length);
        int take = (int)Math.Clamp(to - block.FirstSeq - skip, 0, events.Length - skip);
        return take == events.Length
            ? new JournalBlock(block.FirstSeq, block.Events, block.Ranges)
            : new JournalBlock(block.FirstSeq + skip, ImmutableArray.Create(block.Events, skip, take), NonceRange.Cut(block.Ranges, skip, take));
    }

    private static JournalCorruptException Missing(TenantId tenant, BlockEntry entry) =>
        new(JournalFault.Truncated, entry.FirstSeq, 0, $"the row of tenant '{tenant}' is gone, though the log says it holds seq {entry.FirstSeq} to {entry.LastSeq}");
}
