using System.Diagnostics.CodeAnalysis;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Muniment.Journal.Sqlite;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Tests.Sqlite;

public sealed class SqliteDatabaseTests : IJournalFailure, IDisposable
{
    private static readonly TableOwner s_owner = new("test", [new Migration(1, "CREATE TABLE t(k TEXT NOT NULL PRIMARY KEY, v {blob} NOT NULL)")]);

    private readonly string _directory = Path.Combine(Path.GetTempPath(), "muniment-sqlite-" + Guid.NewGuid().ToString("N"));
    private readonly TaskCompletionSource<string> _failure = new();

    void IJournalFailure.Fatal(string reason, Exception? exception) => _failure.TrySetResult(reason);

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    [Fact]
    public async Task Pragmas_are_the_durable_ones()
    {
        using SqliteDatabase database = Open();
        Assert.Equal("wal", await database.WriteAsync(c => c.ExecuteScalar<string>("PRAGMA journal_mode")));
        Assert.Equal(2, await database.WriteAsync(c => c.ExecuteScalar<long>("PRAGMA synchronous")));
        Assert.Equal(8192, await database.WriteAsync(c => c.ExecuteScalar<long>("PRAGMA page_size")));
        Assert.Equal(0, await database.WriteAsync(c => c.ExecuteScalar<long>("PRAGMA wal_autocheckpoint")));
        Assert.Equal(await database.WriteAsync(c => c.ExecuteScalar<string>("SELECT sqlite_version()")), database.Version);
    }

    [Fact]
    public void A_second_opener_is_told_who_has_the_directory()
    {
        using SqliteDatabase first = Open();
        DataDirectoryException error = Assert.Throws<DataDirectoryException>(Open);
        Assert.Contains(_directory, error.Message, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_directory_is_free_after_closing()
    {
        Open().Dispose();
        Open().Dispose();
    }

    [Fact]
    public async Task One_failing_write_does_not_spoil_the_others_of_its_batch()
    {
        using SqliteDatabase database = Open();
        await database.MigrateAsync(s_owner, default);
        using ManualResetEventSlim gate = new();
        // While the first write holds the writer, the rest queue up and share a transaction.
        Task<int> first = database.WriteAsync(c =>
        {
            gate.Wait();
            return 0;
        });
        Task<int> good = database.WriteAsync(c => Insert(c, "good"));
        Task<int> bad = database.WriteAsync<int>(c =>
        {
            Insert(c, "bad");
            throw new InvalidOperationException("mine alone");
        });
        Task<int> twice = database.WriteAsync(c => Insert(c, "good"));
        Task<int> last = database.WriteAsync(c => Insert(c, "last"));
        gate.Set();

        await Task.WhenAll(first, good, last);
        Assert.Equal("mine alone", (await Assert.ThrowsAsync<InvalidOperationException>(() => bad)).Message);
        await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(() => twice);
        Assert.Equal(["good", "last"], await database.ReadAsync(c => c.Query<string>("SELECT k FROM t ORDER BY k").ToArray()));
    }

    [Fact]
    public async Task A_full_queue_refuses()
    {
        using SqliteDatabase database = SqliteDatabase.Open(new SqliteOptions { DataDirectory = _directory, QueueLimitBytes = 1000 }, this, NullLogger.Instance);
        using ManualResetEventSlim gate = new();
        using ManualResetEventSlim running = new();
        Task<int> first = database.WriteAsync(c =>
        {
            running.Set();
            gate.Wait();
            return 0;
        });
        running.Wait();
        Task<int> second = database.WriteAsync(c => 0, 900);
        await Assert.ThrowsAsync<StorageBusyException>(() => database.WriteAsync(c => 0, 200));
        gate.Set();
        await Task.WhenAll(first, second);
        Assert.Equal(0, database.QueuedBytes);
    }

    [Fact]
    public async Task Without_space_writes_fail_reads_go_on_and_writing_resumes()
    {
        using SqliteDatabase database = SqliteDatabase.Open(new SqliteOptions { DataDirectory = _directory, MaxPages = 40 }, this, NullLogger.Instance);
        await database.MigrateAsync(s_owner, default);
        await database.WriteAsync(c => Insert(c, "kept"));

        await Assert.ThrowsAsync<StorageFullException>(() => database.WriteAsync(c => Insert(c, "large", 1 << 20)));

        Assert.Equal(["kept"], await database.ReadAsync(c => c.Query<string>("SELECT k FROM t").ToArray()));
        await database.WriteAsync(c => c.Execute("PRAGMA max_page_count=100000"));
        await database.WriteAsync(c => Insert(c, "large", 1 << 20));
        Assert.Equal(2, await database.ReadAsync(c => c.ExecuteScalar<long>("SELECT count(*) FROM t")));
        Assert.False(_failure.Task.IsCompleted);
    }

    [Fact]
    public async Task A_corrupt_page_stops_the_writer_and_tells_the_host()
    {
        using (SqliteDatabase database = Open())
        {
            await database.MigrateAsync(s_owner, default);
            for (int i = 0; i < 20; i++)
            {
                await database.WriteAsync(c => Insert(c, "k" + i, 30_000));
            }
        }

        using (FileStream file = new(Path.Combine(_directory, "journal.db"), FileMode.Open, FileAccess.ReadWrite))
        {
            byte[] noise = new byte[8192];
            Array.Fill(noise, (byte)0xa5);
            for (long at = 8192; at + noise.Length <= file.Length; at += noise.Length)
            {
                file.Position = at;
                file.Write(noise);
            }
        }

        using SqliteDatabase damaged = Open();
        await Assert.ThrowsAsync<StorageFailedException>(() => damaged.ReadAsync(c => c.Query<byte[]>("SELECT v FROM t").ToArray()));
        Assert.Contains("the process must end", await _failure.Task.WaitAsync(TimeSpan.FromMinutes(2)), StringComparison.Ordinal);
        await Assert.ThrowsAsync<StorageFailedException>(() => damaged.WriteAsync(c => 0));
    }

    [Fact]
    public async Task The_log_stays_short_under_load()
    {
        using SqliteDatabase database = Open();
        await database.MigrateAsync(s_owner, default);
        for (int i = 0; i < 60; i++)
        {
            await database.WriteAsync(c => Insert(c, "k" + i, 200_000));
        }

        Assert.InRange(new FileInfo(Path.Combine(_directory, "journal.db-wal")).Length, 1, 6 << 20);
    }

    [Fact]
    public async Task Migrations_run_once_and_a_newer_schema_is_refused()
    {
        TableOwner two = new("test", [.. s_owner.Migrations, new Migration(2, "ALTER TABLE t ADD COLUMN w BIGINT")]);
        using (SqliteDatabase database = Open())
        {
            await database.MigrateAsync(s_owner, default);
            await database.MigrateAsync(s_owner, default);
            await database.WriteAsync(c => Insert(c, "kept"));
            await database.MigrateAsync(two, default);
            Assert.Equal(1, await database.ReadAsync(c => c.ExecuteScalar<long>("SELECT count(*) FROM t WHERE w IS NULL")));
        }

        using SqliteDatabase again = Open();
        DataDirectoryException error = await Assert.ThrowsAsync<DataDirectoryException>(() => again.MigrateAsync(s_owner, default));
        Assert.Contains("schema version 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_migration_leaves_nothing_behind()
    {
        using SqliteDatabase database = Open();
        TableOwner broken = new("broken", [new Migration(1, "CREATE TABLE half(k TEXT); CREATE TABLE oops(")]);
        await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(() => database.MigrateAsync(broken, default));
        Assert.Equal(0, await database.ReadAsync(c => c.ExecuteScalar<long>("SELECT count(*) FROM sqlite_master WHERE name='half'")));
    }

    [Fact]
    public async Task Readers_cannot_write()
    {
        using SqliteDatabase database = Open();
        await database.MigrateAsync(s_owner, default);
        await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(() => database.ReadAsync(c => Insert(c, "no")));
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "disposed by the tests")]
    private SqliteDatabase Open() => SqliteDatabase.Open(new SqliteOptions { DataDirectory = _directory }, this, NullLogger.Instance);

    private static int Insert(System.Data.Common.DbConnection connection, string key, int sizeBytes = 1) =>
        connection.Execute("INSERT INTO t(k, v) VALUES(@key, @value)", new { key, value = new byte[sizeBytes] });
}
