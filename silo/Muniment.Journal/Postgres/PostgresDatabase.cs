using System.Data;
using System.Data.Common;
using Microsoft.Extensions.Logging;
using Muniment.Journal.Storage;
using Npgsql;

namespace Muniment.Journal.Postgres;

/// <summary>
/// A PostgreSQL server shared by all silos. Each write is a transaction of its own on a pooled connection with <c>synchronous_commit=on</c>; the server
/// groups their fsyncs. Delegates are synchronous, so they run on threads of the pool, at most <see cref="PostgresOptions.MaxWriters"/> at a time.
/// </summary>
public sealed partial class PostgresDatabase : IStateDatabase, IDisposable
{
    private const long MigrationLock = 0x4d756e696d656e74; // "Muniment"

    private readonly PostgresOptions _options;
    private readonly NpgsqlDataSource _source;
    private readonly SemaphoreSlim _writers;
    private long _queuedBytes;
    private int _queuedItems;

    private PostgresDatabase(PostgresOptions options)
    {
        _options = options;
        _writers = new SemaphoreSlim(options.MaxWriters);
        NpgsqlConnectionStringBuilder builder = new(options.ConnectionString) { ApplicationName = "muniment" };
        // A server that is set to answer before the disk has it would break the promise of every acknowledgement.
        builder.Options = string.Join(' ', new[] { builder.Options, "-c synchronous_commit=on" }.Where(part => !string.IsNullOrEmpty(part)));
        _source = NpgsqlDataSource.Create(builder.ConnectionString);
    }

    /// <inheritdoc/>
    public StorageKind Kind => StorageKind.Postgres;

    /// <summary>Bytes that wait to be written.</summary>
    public long QueuedBytes => Interlocked.Read(ref _queuedBytes);

    /// <summary>Connections, for the stores that lie beside the journal.</summary>
    internal NpgsqlDataSource Source => _source;

    /// <summary>Connects and makes the table of versions.</summary>
    /// <exception cref="DataDirectoryException">The server cannot be reached or used.</exception>
    public static async Task<PostgresDatabase> OpenAsync(PostgresOptions options, ILogger logger, CancellationToken cancellationToken = default)
    {
        PostgresDatabase database = new(options);
        try
        {
            await using NpgsqlConnection connection = await database._source.OpenConnectionAsync(cancellationToken);
            LogOpened(logger, connection.Host ?? "", connection.Database, connection.PostgreSqlVersion);
            await database.WriteAsync(
                write =>
                {
                    Execute(write, $"SELECT pg_advisory_xact_lock({MigrationLock})");
                    return Execute(write, SchemaMigrator.VersionTable);
                },
                cancellationToken: cancellationToken);
            return database;
        }
        catch (Exception error) when (error is NpgsqlException or StorageFailedException or System.Net.Sockets.SocketException)
        {
            database.Dispose();
            throw new DataDirectoryException($"the database of Storage:ConnectionString cannot be used: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public async Task<T> WriteAsync<T>(
        Func<DbConnection, T> work, long sizeBytes = 1024, WriteClass writeClass = WriteClass.Foreground, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        cancellationToken.ThrowIfCancellationRequested();
        long bytes = Interlocked.Add(ref _queuedBytes, sizeBytes);
        int items = Interlocked.Increment(ref _queuedItems);
        try
        {
            if (items > _options.QueueLimitItems || (items > 1 && bytes > _options.QueueLimitBytes))
            {
                JournalInstruments.Refused.Add(1);
                throw new StorageBusyException($"{bytes} bytes wait to be written, the limit is {_options.QueueLimitBytes}");
            }

            await _writers.WaitAsync(CancellationToken.None);
            try
            {
                return await Task.Run(() => Write(work), CancellationToken.None);
            }
            finally
            {
                _writers.Release();
            }
        }
        finally
        {
            Interlocked.Add(ref _queuedBytes, -sizeBytes);
            Interlocked.Decrement(ref _queuedItems);
        }
    }

    /// <inheritdoc/>
    public async Task<T> ReadAsync<T>(Func<DbConnection, T> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            return await Task.Run(
                () =>
                {
                    using NpgsqlConnection connection = _source.OpenConnection();
                    using NpgsqlTransaction transaction = connection.BeginTransaction(IsolationLevel.RepeatableRead);
                    T result = work(connection);
                    transaction.Commit();
                    return result;
                },
                cancellationToken);
        }
        catch (NpgsqlException error) when (error is not PostgresException)
        {
            throw new StorageFailedException($"the database does not answer: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public async Task MigrateAsync(TableOwner owner, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(owner);
        await WriteAsync(
            connection =>
            {
                // Silos start at the same time; the first one migrates, the others wait and find it done.
                Execute(connection, $"SELECT pg_advisory_xact_lock({MigrationLock})");
                SchemaMigrator.Apply(connection, owner, PostgresDialect.Translate);
                Failpoints.Pass(Failpoints.Migration);
                return 0;
            },
            cancellationToken: cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private T Write<T>(Func<DbConnection, T> work)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return WriteOnce(work);
            }
            catch (PostgresException error) when (IsRetriable(error) && attempt < _options.MaxTries)
            {
                // The server undid it and asks for another try.
            }
            catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.DiskFull or PostgresErrorCodes.InsufficientResources)
            {
                JournalInstruments.Full.Add(1);
                throw new StorageFullException($"no space is left for the database: {error.MessageText}", error);
            }
            catch (PostgresException error) when (error.SqlState.StartsWith("57P", StringComparison.Ordinal) || error.SqlState is PostgresErrorCodes.IoError)
            {
                throw new StorageFailedException($"the database failed: {error.MessageText}", error);
            }
            catch (NpgsqlException error) when (error is not PostgresException)
            {
                throw new StorageFailedException($"the database does not answer; whether the last write was kept is unknown: {error.Message}", error);
            }
        }
    }

    private T WriteOnce<T>(Func<DbConnection, T> work)
    {
        using NpgsqlConnection connection = _source.OpenConnection();
        using NpgsqlTransaction transaction = connection.BeginTransaction(IsolationLevel.ReadCommitted);
        T result = work(connection);
        Failpoints.Pass(Failpoints.BeforeCommit);
        transaction.Commit();
        Failpoints.Pass(Failpoints.AfterCommit);
        JournalInstruments.Transactions.Add(1);
        JournalInstruments.Writes.Add(1);
        return result;
    }

    private static bool IsRetriable(PostgresException error) =>
        error.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.UniqueViolation;

    private static int Execute(DbConnection connection, string sql)
    {
        using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    }

    [LoggerMessage(1002, LogLevel.Information, "Journal on PostgreSQL {Version} at {Host}, database {Database}, synchronous_commit=on")]
    private static partial void LogOpened(ILogger logger, string host, string database, Version version);
}
