using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Muniment.Journal.Storage;
using SQLitePCL;

namespace Muniment.Journal.Sqlite;

/// <summary>
/// The only connection that writes and checkpoints (a second one is the shape of SQLite's WAL-reset bug, 3.7.0 to 3.51.2), and the thread that owns it.
/// One turn: take a batch → BEGIN IMMEDIATE → each item in its own savepoint → COMMIT (fsync) → tell the waiters → checkpoint when the log is long.
/// The checkpoint is called by name, not by SQLite's automatism, which would delay the answer and swallow its I/O errors.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    private const int PageSizeBytes = 8192;
    private const int CacheWritePages = 9; // SQLITE_DBSTATUS_CACHE_WRITE: pages written to the log since last asked

    // Owner of everything below but _fatal: the writer thread (the constructor runs before it starts).
    private readonly SqliteOptions _options;
    private readonly WriteQueue _queue;
    private readonly IJournalFailure _failure;
    private readonly WriterConnection _connection;
    private readonly Thread _thread;
    private readonly List<WorkItem> _batch = [];
    private readonly List<WorkItem> _written = [];
    private long _logPages;
    private Exception? _fatal;

    public SqliteWriter(string path, SqliteOptions options, WriteQueue queue, IJournalFailure failure)
    {
        _options = options;
        _queue = queue;
        _failure = failure;
        _connection = new WriterConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate, Pooling = false }.ToString());
        try
        {
            _connection.Open();
            Configure();
        }
        catch
        {
            _connection.Dispose();
            throw;
        }

        Version = raw.sqlite3_libversion().utf8_to_string();
        _thread = new Thread(Run) { IsBackground = true, Name = "journal-writer" };
        _thread.Start();
    }

    public string Version { get; }

    /// <summary>Why the writer stopped for good, or null.</summary>
    public Exception? Fatal => Volatile.Read(ref _fatal);

    /// <summary>Ends all writing and tells the host. Any thread.</summary>
    public void Stop(string what, Exception error)
    {
        if (Interlocked.CompareExchange(ref _fatal, error, null) is null)
        {
            _queue.Close();
            _failure.Fatal($"{what}: {error.Message}; the process must end, because what the disk holds is unknown until it is read again", error);
        }
    }

    public void Join() => _thread.Join();

    public void Dispose() => _connection.Dispose();

    private void Configure()
    {
        Execute($"PRAGMA page_size={PageSizeBytes}");
        Execute("PRAGMA auto_vacuum=INCREMENTAL"); // only a new file takes it; see Housekeeper.Shrink
        string? mode = Scalar("PRAGMA journal_mode=WAL");
        if (mode != "wal")
        {
            throw new DataDirectoryException($"'{_connection.DataSource}' cannot use a write-ahead log (journal_mode is '{mode}'): is it on a network file system?");
        }

        Execute(SeededBugs.NoFsync ? "PRAGMA synchronous=OFF" : "PRAGMA synchronous=FULL");
        Execute("PRAGMA wal_autocheckpoint=0");
        Execute("PRAGMA cache_size=-8192");
        Execute("PRAGMA temp_store=MEMORY");
        Execute("PRAGMA busy_timeout=5000");
        if (_options.MaxPages > 0)
        {
            Execute($"PRAGMA max_page_count={_options.MaxPages}");
        }

        Execute(SchemaMigrator.VersionTable);
    }

    private void Run()
    {
        while (_queue.Take(_batch, _options.BatchLimitItems, _options.BatchLimitBytes))
        {
            try
            {
                if (Fatal is { } fatal)
                {
                    FailAll(_batch, new StorageFailedException(fatal.Message, fatal));
                }
                else
                {
                    WriteBatch();
                }
            }
            finally
            {
                _batch.Clear();
                _written.Clear();
            }
        }

        if (Fatal is null)
        {
            Checkpoint(raw.SQLITE_CHECKPOINT_TRUNCATE);
        }
    }

    private void WriteBatch()
    {
        long started = Stopwatch.GetTimestamp();
        try
        {
            _connection.Run("BEGIN IMMEDIATE");
            foreach (WorkItem item in _batch)
            {
                WriteItem(item);
            }

            if (SeededBugs.AckBeforeCommit)
            {
                CompleteAll();
            }

            Failpoints.Pass(Failpoints.BeforeCommit);
            _connection.Run("COMMIT");
            Failpoints.Pass(Failpoints.AfterCommit);
        }
        catch (SqliteException error)
        {
            Undo(error);
            return;
        }

        JournalInstruments.CommitMs.Record(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        JournalInstruments.Transactions.Add(1);
        JournalInstruments.Writes.Add(_written.Count);
        CompleteAll();
        CheckpointWhenLong();
    }

    private void WriteItem(WorkItem item)
    {
        _connection.Run("SAVEPOINT item");
        try
        {
            item.Run(_connection);
        }
        catch (Exception error) when (error is not SqliteException sqlite || !(SqliteErrors.IsFull(sqlite) || SqliteErrors.IsFatal(sqlite)))
        {
            _connection.Run("ROLLBACK TO item");
            _connection.Run("RELEASE item");
            JournalInstruments.Failed.Add(1);
            item.Fail(error);
            return;
        }

        _connection.Run("RELEASE item");
        _written.Add(item);
    }

    private void CompleteAll()
    {
        foreach (WorkItem item in _written)
        {
            item.Complete();
        }
    }

    /// <summary>The transaction failed as a whole: nothing of the batch was kept. Items that failed alone were told already.</summary>
    private void Undo(SqliteException error)
    {
        if (!SqliteErrors.IsFull(error))
        {
            Stop("writing the journal failed", error);
            FailAll(_batch, new StorageFailedException($"writing '{_connection.DataSource}' failed: {error.Message}", error));
            return;
        }

        JournalInstruments.Full.Add(_batch.Count);
        try
        {
            // SQLite may have rolled back by itself.
            if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
            {
                Execute("ROLLBACK");
            }
        }
        catch (SqliteException second)
        {
            Stop("undoing a write on a full disk failed", second);
        }

        _options.OnFull?.Invoke();
        FailAll(_batch, new StorageFullException($"no space is left for '{_connection.DataSource}'", error));
    }

    private static void FailAll(List<WorkItem> items, Exception exception)
    {
        foreach (WorkItem item in items)
        {
            item.Fail(exception);
        }
    }

    private void CheckpointWhenLong()
    {
        if (raw.sqlite3_db_status(_connection.Handle, CacheWritePages, out int pages, out _, 1) == raw.SQLITE_OK)
        {
            _logPages += pages;
        }

        if (_logPages * PageSizeBytes >= _options.CheckpointBytes)
        {
            Checkpoint(raw.SQLITE_CHECKPOINT_PASSIVE);
            _logPages = 0;
        }
    }

    private void Checkpoint(int mode)
    {
        Failpoints.Pass(Failpoints.BeforeCheckpoint);
        int code = raw.sqlite3_wal_checkpoint_v2(_connection.Handle, "main", mode, out _, out _);
        Failpoints.Pass(Failpoints.AfterCheckpoint);
        JournalInstruments.Checkpoints.Add(1);
        if (code is raw.SQLITE_OK or raw.SQLITE_BUSY)
        {
            return; // busy: a reader holds an older snapshot; the next checkpoint goes on
        }

        SqliteException error = SqliteErrors.Of(code, "checkpoint");
        if (!SqliteErrors.IsFull(error))
        {
            Stop("copying the write-ahead log failed", error);
        }
    }

    private void Execute(string sql)
    {
        int code = raw.sqlite3_exec(_connection.Handle, sql);
        if (code != raw.SQLITE_OK)
        {
            throw new SqliteException($"{sql}: {raw.sqlite3_errmsg(_connection.Handle).utf8_to_string()}", code & 0xff, raw.sqlite3_extended_errcode(_connection.Handle));
        }
    }

    private string? Scalar(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as string;
    }
}
