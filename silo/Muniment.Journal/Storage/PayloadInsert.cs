using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Muniment.Journal.Storage;

/// <summary>Writes a row with a payload in memory that is used again.</summary>
internal static class PayloadInsert
{
    /// <summary>From this size on a payload goes to SQLite piece by piece instead of through an array of its own, which would be one of the collector's large ones.</summary>
    private const int LargeSizeBytes = 64 * 1024;

    /// <summary>Runs the statement, inside the caller's transaction.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="table">The table; its column is called <c>payload</c>.</param>
    /// <param name="sql">The INSERT with this expression as the payload.</param>
    /// <param name="values">Its parameters, with this value as <c>payload</c>.</param>
    /// <param name="parts">The payload, one part behind the other.</param>
    public static void Execute(DbConnection connection, string table, Func<string, string> sql, Func<object, object> values, ReadOnlySpan<ReadOnlyMemory<byte>> parts)
    {
        int sizeBytes = Size(parts);
        if (connection is not SqliteConnection sqlite || sizeBytes < LargeSizeBytes)
        {
            connection.Execute(sql("@payload"), values(Join(parts, sizeBytes)));
            return;
        }

        connection.Execute(sql("zeroblob(@payload)"), values(sizeBytes));
        using var blob = new SqliteBlob(sqlite, table, "payload", SQLitePCL.raw.sqlite3_last_insert_rowid(sqlite.Handle));
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            blob.Write(part.Span);
        }
    }

    /// <summary>The payload in one piece, when it is small.</summary>
    public static bool TryJoin(ReadOnlySpan<ReadOnlyMemory<byte>> parts, [NotNullWhen(true)] out byte[]? payload)
    {
        int sizeBytes = Size(parts);
        payload = sizeBytes < LargeSizeBytes ? Join(parts, sizeBytes) : null;
        return payload is not null;
    }

    private static int Size(ReadOnlySpan<ReadOnlyMemory<byte>> parts)
    {
        int sizeBytes = 0;
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            sizeBytes += part.Length;
        }

        return sizeBytes;
    }

    private static byte[] Join(ReadOnlySpan<ReadOnlyMemory<byte>> parts, int sizeBytes)
    {
        byte[] payload = GC.AllocateUninitializedArray<byte>(sizeBytes);
        int at = 0;
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            part.Span.CopyTo(payload.AsSpan(at));
            at += part.Length;
        }

        return payload;
    }
}
