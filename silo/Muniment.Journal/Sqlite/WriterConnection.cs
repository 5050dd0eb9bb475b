using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Muniment.Journal.Sqlite;

/// <summary>
/// The writing connection. It keeps the few statements that run with every commit compiled, which would be parsed and planned anew each time otherwise.
/// Like every connection it belongs to one thread, the writer's.
/// </summary>
internal sealed class WriterConnection(string connectionString) : SqliteConnection(connectionString)
{
    // By reference: these are constants.
    private readonly Dictionary<object, sqlite3_stmt> _statements = new(ReferenceEqualityComparer.Instance);

    /// <summary>Runs a statement that gives no rows.</summary>
    /// <param name="sql">A constant; its parameters are numbered in the order in which they first stand there.</param>
    /// <param name="values">Their values.</param>
    /// <returns>Rows changed.</returns>
    /// <exception cref="SqliteException">It failed; what it had changed is undone by SQLite.</exception>
    public int Run(string sql, params ReadOnlySpan<WriterValue> values)
    {
        sqlite3_stmt statement = Statement(sql);
        try
        {
            for (int i = 0; i < values.Length; i++)
            {
                Check(values[i].Bind(statement, i + 1), sql);
            }

            int code = raw.sqlite3_step(statement);
            if (code is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
            {
                Check(code, sql);
            }

            return raw.sqlite3_changes(Handle);
        }
        finally
        {
            raw.sqlite3_reset(statement);
            if (values.Length > 0)
            {
                raw.sqlite3_clear_bindings(statement); // blobs are not kept longer than needed
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (sqlite3_stmt statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
        base.Dispose(disposing);
    }

    private sqlite3_stmt Statement(string sql)
    {
        if (!_statements.TryGetValue(sql, out sqlite3_stmt? statement))
        {
            Check(raw.sqlite3_prepare_v2(Handle, sql, out statement), sql);
            _statements.Add(sql, statement);
        }

        return statement;
    }

    private void Check(int code, string sql)
    {
        if (code != raw.SQLITE_OK)
        {
            throw new SqliteException($"{sql}: {raw.sqlite3_errmsg(Handle).utf8_to_string()}", code & 0xff, raw.sqlite3_extended_errcode(Handle));
        }
    }
}

/// <summary>A value of a statement: a number or a blob.</summary>
internal readonly struct WriterValue
{
    private readonly long _number;
    private readonly ReadOnlyMemory<byte>? _blob;

    private WriterValue(long number, ReadOnlyMemory<byte>? blob) => (_number, _blob) = (number, blob);

    /// <summary>A number.</summary>
    public static implicit operator WriterValue(long number) => new(number, null);

    /// <summary>A blob.</summary>
    public static implicit operator WriterValue(byte[] blob) => new(0, blob);

    /// <summary>A blob.</summary>
    public static implicit operator WriterValue(ReadOnlyMemory<byte> blob) => new(0, blob);

    /// <summary>Binds it; SQLite's code.</summary>
    public int Bind(sqlite3_stmt statement, int index) => _blob switch
    {
        null => raw.sqlite3_bind_int64(statement, index, _number),
        { IsEmpty: true } => raw.sqlite3_bind_zeroblob(statement, index, 0), // an empty span would be NULL
        { } blob => raw.sqlite3_bind_blob(statement, index, blob.Span),
    };
}
