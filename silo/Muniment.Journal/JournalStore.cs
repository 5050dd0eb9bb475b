using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Muniment.Events.Keys;
using Muniment.Journal.Durability;
using Muniment.Journal.Keys;
using Muniment.Journal.Positions;
using Muniment.Journal.Postgres;
using Muniment.Journal.Reading;
using Muniment.Journal.Sealing;
using Muniment.Journal.Space;
using Muniment.Journal.Sqlite;
using Muniment.Journal.Storage;
using Muniment.Journal.Writing;

namespace Muniment.Journal;

/// <summary>An open journal with everything that hangs on it. The host opens it before anything else and disposes it last.</summary>
public sealed class JournalStore : IAsyncDisposable
{
    private readonly IDisposable _database;
    private readonly BlockSealer _sealer;
    private bool _closed;

    private JournalStore(IStateDatabase database, ITenantKeyring keyring, IStorageGuard space, SealLimits limits, TimeProvider time)
    {
        Space = space;
        _database = (IDisposable)database;
        Database = database;
        Keyring = keyring;
        TenantNumbers tenants = new(database);
        BlockDecoders decoders = new(keyring);
        RecentLeaves leaves = new();
        RecentBlocks recent = new(keyring, leaves);
        _sealer = new BlockSealer(database, tenants, keyring, recent, limits, time);
        Writer = new JournalWriter(database, tenants, _sealer, leaves);
        Reader = new JournalReader(database, tenants, decoders, recent, keyring);
        Positions = new PositionStore(database);
    }

    /// <summary>The database, for owners of other tables.</summary>
    public IStateDatabase Database { get; }

    /// <summary>Appending.</summary>
    public IJournalWriter Writer { get; }

    /// <summary>Reading.</summary>
    public IJournalReader Reader { get; }

    /// <summary>Where projections stand.</summary>
    public IPositionStore Positions { get; }

    /// <summary>Free space.</summary>
    public IStorageGuard Space { get; }

    /// <summary>Tenants' keys.</summary>
    public ITenantKeyring Keyring { get; }

    /// <summary>Opens or makes the journal and brings its tables up to date.</summary>
    /// <param name="options">Where.</param>
    /// <param name="failure">Told when storage can no longer be trusted.</param>
    /// <param name="loggers">For what is said at start.</param>
    /// <param name="time">Clock; the system's when null.</param>
    /// <param name="cancellationToken">Gives up between steps.</param>
    /// <exception cref="DataDirectoryException">The directory or its keys cannot be used; the message is for the operator.</exception>
    public static async Task<JournalStore> OpenAsync(JournalOptions options, IJournalFailure failure, ILoggerFactory loggers, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(failure);
        ArgumentNullException.ThrowIfNull(loggers);
        DurableFile.CreateDirectory(options.DataDirectory);
        StorageGuard? guard = options.Provider == StorageKind.Sqlite
            ? new StorageGuard(options.DataDirectory, options.LowWaterBytes, options.ReserveBytes, time ?? TimeProvider.System, loggers.CreateLogger<StorageGuard>())
            : null;
        IStateDatabase database = await OpenDatabaseAsync(options, guard, failure, loggers, cancellationToken);
        try
        {
            IWrappedKeyStore keys = database is PostgresDatabase postgres ? new PostgresKeyStore(postgres) : new FileKeyStore(options.KeysDirectory);
            byte[] master = MasterKey.LoadOrCreate(options.MasterKeyPath, () => !keys.Any());
            await database.MigrateAsync(JournalTables.Owner, cancellationToken);
            await database.MigrateAsync(PositionStore.Owner, cancellationToken);
            await database.MigrateAsync(DurabilityProbe.Owner, cancellationToken);
            return new JournalStore(database, new TenantKeyring(keys, master), guard is null ? new UnknownSpace() : guard, options.Sealing, time ?? TimeProvider.System);
        }
        catch
        {
            ((IDisposable)database).Dispose();
            throw;
        }
    }

    private static async Task<IStateDatabase> OpenDatabaseAsync(
        JournalOptions options, StorageGuard? guard, IJournalFailure failure, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (options.Provider == StorageKind.Sqlite)
        {
            return SqliteDatabase.Open(
                new SqliteOptions { DataDirectory = options.DataDirectory, QueueLimitBytes = options.QueueLimitBytes, OnFull = guard is null ? null : guard.GiveUpReserve }, failure, loggers.CreateLogger<SqliteDatabase>());
        }

        string connectionString = options.ConnectionString
            ?? throw new DataDirectoryException("Storage:Provider is 'postgres', but Storage:ConnectionString is missing: expected an Npgsql connection string");
        return await PostgresDatabase.OpenAsync(
            new PostgresOptions { ConnectionString = connectionString, QueueLimitBytes = options.QueueLimitBytes }, loggers.CreateLogger<PostgresDatabase>(), cancellationToken);
    }

    /// <summary>Adds the parts to the services of a host.</summary>
    public void AddTo(IServiceCollection services)
    {
        services.AddSingleton(this);
        services.AddSingleton(Database);
        services.AddSingleton(Writer);
        services.AddSingleton(Reader);
        services.AddSingleton<IJournalUsage>(new JournalUsage(Database));
        services.AddSingleton(Positions);
        services.AddSingleton(Keyring);
        services.AddSingleton(Space);
        services.AddSingleton<DurabilityProbe>();
        services.AddSingleton<AppendSignal>();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (!Interlocked.Exchange(ref _closed, true))
        {
            _sealer.Dispose();
            _database.Dispose();
        }

        return ValueTask.CompletedTask;
    }
}
