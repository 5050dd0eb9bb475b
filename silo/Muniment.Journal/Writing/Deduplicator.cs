using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Writing;

/// <summary>
/// Recognises repeated requests and known ids inside the commit transaction, one instance a commit. Requests are kept by day of receipt and compared to the
/// exact 24 hours; ids by generation, a new one each day or 5 million ids, the newest two being asked, so that ids are known for 24 hours and 5 million ids at least.
/// </summary>
internal sealed class Deduplicator(DbConnection connection, StorageKind kind, long tenantNo)
{
    public const long DayNs = 24L * 3600 * 1_000_000_000;
    public const long GenerationIds = 5_000_000;

    private long _generation = -1;

    /// <summary>The stored outcome of an equal request of the last 24 hours, or null.</summary>
    public CommittedAppend? FindRequest(ReadOnlyMemory<byte> digest, long receivedNs)
    {
        long day = receivedNs / DayNs;
        RequestRow? row = connection.QueryFirstOrDefault<RequestRow>(
            """
            SELECT first_seq AS FirstSeq, last_seq AS LastSeq, answer AS Answer FROM dedup_request
            WHERE tenant_no=@tenantNo AND day IN (@day, @day - 1) AND digest=@digest AND received_ns>@oldest ORDER BY day DESC
            """,
            new { tenantNo, day, digest = digest.ToArray(), oldest = receivedNs - DayNs });
        return row is null ? null : new CommittedAppend(CommittedKind.Repeated, row.FirstSeq, row.LastSeq, row.Answer, []);
    }

    /// <summary>Which ids are stored already or stand twice in the request; empty when none.</summary>
    public ImmutableArray<(int Index, bool SameContent)> FindIds(ImmutableArray<EventIdDigest> ids, long receivedNs)
    {
        long generation = CurrentGeneration(receivedNs);
        ImmutableArray<(int Index, bool SameContent)>.Builder known = ImmutableArray.CreateBuilder<(int Index, bool SameContent)>();
        Dictionary<UInt128, long> stored = Lookup(ids, generation);
        foreach (EventIdDigest id in ids)
        {
            if (stored.TryGetValue(id.Id, out long content))
            {
                known.Add((id.Index, content == unchecked((long)id.Content)));
            }
            else
            {
                stored.Add(id.Id, unchecked((long)id.Content));
            }
        }

        return known.ToImmutable();
    }

    /// <summary>Remembers a request that is being stored.</summary>
    public void Remember(PendingAppend request, long receivedNs, long firstSeq, long lastSeq)
    {
        if (!request.RequestDigest.IsEmpty)
        {
            connection.Execute(
                """
                INSERT INTO dedup_request(tenant_no, day, digest, received_ns, first_seq, last_seq, answer)
                VALUES(@tenantNo, @day, @digest, @receivedNs, @firstSeq, @lastSeq, @answer)
                ON CONFLICT(tenant_no, day, digest) DO UPDATE
                SET received_ns=excluded.received_ns, first_seq=excluded.first_seq, last_seq=excluded.last_seq, answer=excluded.answer
                """,
                new { tenantNo, day = receivedNs / DayNs, digest = request.RequestDigest.ToArray(), receivedNs, firstSeq, lastSeq, answer = request.Answer.ToArray() });
        }

        if (!request.Ids.IsDefaultOrEmpty)
        {
            long generation = CurrentGeneration(receivedNs);
            Insert(request.Ids, generation);
            connection.Execute(
                "UPDATE dedup_generation SET ids=ids+@count WHERE tenant_no=@tenantNo AND generation=@generation",
                new { count = request.Ids.Length, tenantNo, generation });
        }
    }

    private long CurrentGeneration(long receivedNs)
    {
        if (_generation >= 0)
        {
            return _generation;
        }

        GenerationRow? newest = connection.QueryFirstOrDefault<GenerationRow>(
            "SELECT generation AS Generation, started_ns AS StartedNs, ids AS Ids FROM dedup_generation WHERE tenant_no=@tenantNo ORDER BY generation DESC LIMIT 1",
            new { tenantNo });
        if (newest is null || newest.Ids >= GenerationIds || receivedNs - newest.StartedNs >= DayNs)
        {
            _generation = (newest?.Generation ?? 0) + 1;
            connection.Execute(
                "INSERT INTO dedup_generation(tenant_no, generation, started_ns, ids) VALUES(@tenantNo, @generation, @receivedNs, 0)",
                new { tenantNo, generation = _generation, receivedNs });
        }
        else
        {
            _generation = newest.Generation;
        }

        return _generation;
    }

    private Dictionary<UInt128, long> Lookup(ImmutableArray<EventIdDigest> ids, long generation)
    {
        Dictionary<UInt128, long> found = new(ids.Length);
        if (kind == StorageKind.Postgres)
        {
            foreach (IdRow row in connection.Query<IdRow>(
                "SELECT id AS Id, content AS Content FROM dedup_id WHERE tenant_no=@tenantNo AND generation IN (@generation, @generation - 1) AND id=ANY(@keys) ORDER BY generation",
                new { tenantNo, generation, keys = ids.Select(id => Bytes(id.Id)).ToArray() }))
            {
                found[BinaryPrimitives.ReadUInt128BigEndian(row.Id)] = row.Content;
            }

            return found;
        }

        using DbCommand command = Prepare(
            "SELECT content FROM dedup_id WHERE tenant_no=@tenantNo AND generation IN (@generation, @generation - 1) AND id=@id ORDER BY generation DESC LIMIT 1",
            generation, out DbParameter key);
        foreach (EventIdDigest id in ids)
        {
            key.Value = Bytes(id.Id);
            if (command.ExecuteScalar() is long content)
            {
                found[id.Id] = content;
            }
        }

        return found;
    }

    private void Insert(ImmutableArray<EventIdDigest> ids, long generation)
    {
        if (kind == StorageKind.Postgres)
        {
            connection.Execute(
                "INSERT INTO dedup_id(tenant_no, generation, id, content) SELECT @tenantNo, @generation, k, c FROM unnest(@keys, @contents) AS t(k, c)",
                new { tenantNo, generation, keys = ids.Select(id => Bytes(id.Id)).ToArray(), contents = ids.Select(id => unchecked((long)id.Content)).ToArray() });
            return;
        }

        using DbCommand command = Prepare("INSERT INTO dedup_id(tenant_no, generation, id, content) VALUES(@tenantNo, @generation, @id, @content)", generation, out DbParameter key);
        DbParameter content = command.Add("@content", 0L);
        foreach (EventIdDigest id in ids)
        {
            key.Value = Bytes(id.Id);
            content.Value = unchecked((long)id.Content);
            command.ExecuteNonQuery();
        }
    }

    private DbCommand Prepare(string sql, long generation, out DbParameter key)
    {
        DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Add("@tenantNo", tenantNo);
        command.Add("@generation", generation);
        key = command.Add("@id", Array.Empty<byte>());
        return command;
    }

    private static byte[] Bytes(UInt128 id)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, id);
        return bytes;
    }

    private sealed record RequestRow(long FirstSeq, long LastSeq, byte[] Answer);

    private sealed record GenerationRow(long Generation, long StartedNs, long Ids);

    private sealed record IdRow(byte[] Id, long Content);
}
