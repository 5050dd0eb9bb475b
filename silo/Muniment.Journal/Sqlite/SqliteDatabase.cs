using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Muniment.Journal.Durability;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Sqlite;

/// <summary>
/// One file, one process: <c>DIR/journal.db</c>. Exactly one connection, on one thread, writes and checkpoints (<see cref="SqliteWriter"/>); readers are
/// read-only. The file is never opened by another process: backup asks the running one.
/// </summary>
public sealed partial class SqliteDatabase : IStateDatabase, IDisposable
{
    private readonly SqliteOptions _options;
    private readonly DirectoryLock _lock;
    private readonly WriteQueue _queue;
    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;

    private SqliteDatabase(SqliteOptions options, DirectoryLock directoryLock, IJournalFailure failure)
    {
        _options = options;
        _lock = directoryLock;
        _queue = new WriteQueue(options.QueueLimitBytes, options.QueueLimitItems);
        Path = System.IO.Path.Combine(options.DataDirectory, "journal.db");
        _writer = new SqliteWriter(Path, options, _queue, failure);
        _readers = new SqliteReaders(Path, options.MaxReaders);
    }

    /// <summary>The database file.</summary>
    public string Path { get; }

    /// <summary>Version of the SQLite library that is loaded.</summary>
    public string Version => _writer.Version;

    /// <summary>Bytes that wait to be written.</summary>
    public long QueuedBytes => _queue.QueuedBytes;

    /// <inheritdoc/>
    public StorageKind Kind => StorageKind.Sqlite;

    /// <summary>Takes the directory, opens or makes the database, and starts the writer.</summary>
    /// <exception cref="DataDirectoryException">Another process has the directory, or it cannot be used.</exception>
    public static SqliteDatabase Open(SqliteOptions options, IJournalFailure failure, ILogger logger)
    {
        SQLitePCL.Batteries_V2.Init();
        string directory = System.IO.Path.GetFullPath(options.DataDirectory);
        DurableFile.CreateDirectory(directory);
        DirectoryLock directoryLock = DirectoryLock.Take(directory);
        try
        {
            SqliteDatabase database = new(options with { DataDirectory = directory }, directoryLock, failure);
            DurableFile.SyncDirectory(directory);
            LogOpened(logger, database.Path, database.Version);
            return database;
        }
        catch (SqliteException error)
        {
            directoryLock.Dispose();
            throw new DataDirectoryException($"'{System.IO.Path.Combine(directory, "journal.db")}' cannot be opened: {error.Message}", error);
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<T> WriteAsync<T>(
        Func<DbConnection, T> work, long sizeBytes = 1024, WriteClass writeClass = WriteClass.Foreground, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        WorkItem<T> item = new(work, sizeBytes);
        if (_queue.TryAdd(item, writeClass))
        {
            return item.Task;
        }

        if (_writer.Fatal is { } fatal)
        {
            return Task.FromException<T>(new StorageFailedException(fatal.Message, fatal));
        }

        JournalInstruments.Refused.Add(1);
        return Task.FromException<T>(new StorageBusyException($"{_queue.QueuedBytes} bytes wait to be written, the limit is {_options.QueueLimitBytes}"));
    }

    /// <inheritdoc/>
    public async Task<T> ReadAsync<T>(Func<DbConnection, T> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            return await _readers.RunAsync(work, cancellationToken);
        }
        catch (SqliteException error) when (SqliteErrors.IsFatal(error))
        {
            _writer.Stop("reading the journal failed", error);
            throw new StorageFailedException($"reading '{Path}' failed: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public async Task MigrateAsync(TableOwner owner, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(owner);
        await WriteAsync(
            connection =>
            {
                SchemaMigrator.Apply(connection, owner, SqliteDialect.Translate);
                Failpoints.Pass(Failpoints.Migration);
                return 0;
            },
            1024,
            WriteClass.Foreground,
            cancellationToken);
    }

    /// <summary>Writes what is queued, copies the write-ahead log into the file and frees the directory.</summary>
    public void Dispose()
    {
        _queue.Close();
        _writer.Join();
        _readers.Dispose();
        _writer.Dispose();
        _lock.Dispose();
    }

    [LoggerMessage(1001, LogLevel.Information, "Journal {Path} opened, SQLite {Version}, one writing connection, synchronous=FULL")]
    private static partial void LogOpened(ILogger logger, string path, string version);
}
