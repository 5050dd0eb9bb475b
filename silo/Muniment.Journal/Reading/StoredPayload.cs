using Muniment.Events.Blocks;
using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Muniment.Journal.Reading;

/// <summary>The stored bytes of a block. On SQLite they are read into an array that is rented, because a fresh one of some hundred kilobytes for each block that a look-up opens keeps the collector busy.</summary>
internal sealed class StoredPayload : IDisposable
{
    private byte[]? _rented;

    private StoredPayload(ReadOnlyMemory<byte> bytes, byte[]? rented) => (Bytes, _rented) = (bytes, rented);

    /// <summary>The bytes, until this is disposed.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Reads a sealed block's payload; null when there is no such row.</summary>
    public static StoredPayload? Fetch(DbConnection connection, long tenantNo, long firstSeq) => Fetch(connection, "sealed_block", tenantNo, firstSeq);

    /// <summary>Reads a commit row's payload; null when there is no such row.</summary>
    public static StoredPayload? FetchCommitted(DbConnection connection, long tenantNo, long firstSeq) => Fetch(connection, "commit_block", tenantNo, firstSeq);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } rented)
        {
            LargeArrays.Return(rented);
        }
    }

    private static StoredPayload? Fetch(DbConnection connection, string table, long tenantNo, long firstSeq)
    {
        if (connection is not SqliteConnection)
        {
            byte[]? bytes = connection.QueryFirstOrDefault<byte[]>($"SELECT payload FROM {table} WHERE tenant_no=@tenantNo AND first_seq=@firstSeq", new { tenantNo, firstSeq });
            return bytes is null ? null : new StoredPayload(bytes, null);
        }

        // With the rowid in the row the provider gives the value as a stream instead of an array.
        using DbDataReader reader = (DbDataReader)connection.ExecuteReader(
            $"SELECT rowid, payload FROM {table} WHERE tenant_no=@tenantNo AND first_seq=@firstSeq", new { tenantNo, firstSeq });
        if (!reader.Read())
        {
            return null;
        }

        using Stream stream = reader.GetStream(1);
        int length = (int)stream.Length;
        byte[] rented = LargeArrays.Rent(length);
        stream.ReadExactly(rented, 0, length);
        return new StoredPayload(rented.AsMemory(0, length), rented);
    }
}
