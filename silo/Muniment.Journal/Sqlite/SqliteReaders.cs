using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Muniment.Journal.Sqlite;

/// <summary>A bounded pool of read-only connections. None of them ever checkpoints, not even when it is closed.</summary>
internal sealed class SqliteReaders : IDisposable
{
    private const int NoCheckpointOnClose = 1006;

    private readonly string _connectionString;
    private readonly SemaphoreSlim _free;
    private readonly ConcurrentBag<SqliteConnection> _idle = [];

    public SqliteReaders(string path, int count)
    {
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString();
        _free = new SemaphoreSlim(count);
    }

    public async Task<T> RunAsync<T>(Func<DbConnection, T> work, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        SqliteConnection? connection = null;
        try
        {
            connection = _idle.TryTake(out SqliteConnection? idle) ? idle : Open();
            Execute(connection, "BEGIN");
            T result = work(connection);
            Execute(connection, "COMMIT");
            _idle.Add(connection);
            connection = null;
            return result;
        }
        finally
        {
            // Not null after an error: its transaction may still be open, so it is closed instead of kept.
            connection?.Dispose();
            _free.Release();
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out SqliteConnection? connection))
        {
            connection.Dispose();
        }
    }

    private SqliteConnection Open()
    {
        SqliteConnection connection = new(_connectionString);
        connection.Open();
        int code = raw.sqlite3_db_config(connection.Handle, NoCheckpointOnClose, 1, out _);
        if (code != raw.SQLITE_OK)
        {
            connection.Dispose();
            throw SqliteErrors.Of(code, "switching off checkpoints on close");
        }

        Execute(connection, "PRAGMA query_only=1");
        Execute(connection, "PRAGMA cache_size=-4096");
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
