using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;
using Muniment.Journal.Durability;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Backup;

/// <summary>
/// Copies a running journal and makes a data directory out of a copy. A backup is <c>DIR/journal.db</c>, one consistent moment, and apart from it
/// <c>DIR/keys/</c>: whoever has only the first can read nothing. <c>DIR/backup.json</c> is written last; a directory without it is no backup.
/// </summary>
public static class JournalBackup
{
    private const string Manifest = "backup.json";

    /// <summary>Copies while reading and writing go on. Called inside the running process, because the file may not be opened by another one.</summary>
    /// <param name="store">The open journal, on SQLite.</param>
    /// <param name="options">What it was opened with.</param>
    /// <param name="directory">A directory that does not exist or is empty.</param>
    /// <param name="cancellationToken">Gives up before the copy begins.</param>
    /// <exception cref="DataDirectoryException">The directory cannot be used, or the journal is on a database server.</exception>
    public static async Task BackupAsync(JournalStore store, JournalOptions options, string directory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        if (store.Database.Kind != StorageKind.Sqlite)
        {
            throw new DataDirectoryException("the journal is on PostgreSQL: back it up with pg_dump, and its schema muniment_keys apart from the rest");
        }

        MakeEmpty(directory);
        string copy = Path.Combine(directory, "journal.db");
        // One read transaction, hence one moment; writers go on, the write-ahead log only cannot begin anew until it is done.
        await store.Database.ReadAsync(
            connection =>
            {
                using SqliteConnection target = new(new SqliteConnectionStringBuilder { DataSource = copy, Pooling = false }.ToString());
                target.Open();
                ((SqliteConnection)connection).BackupDatabase(target);
                return 0;
            },
            cancellationToken);
        Sync(copy);
        Failpoints.Pass(Failpoints.MidBackup);
        // After the journal: every tenant in the copy has its key here, and a key that was destroyed meanwhile is not.
        string keys = Path.Combine(directory, "keys");
        DurableFile.CreateDirectory(Path.Combine(keys, "tenants"));
        string tenants = Path.Combine(options.KeysDirectory, "tenants");
        foreach (string file in Directory.Exists(tenants) ? Directory.GetFiles(tenants, "*.json") : [])
        {
            DurableFile.Create(Path.Combine(keys, "tenants", Path.GetFileName(file)), await File.ReadAllBytesAsync(file, cancellationToken));
        }

        if (options.KeysFile is null)
        {
            DurableFile.Create(Path.Combine(keys, "master"), await File.ReadAllBytesAsync(options.MasterKeyPath, cancellationToken));
        }

        DurableFile.Create(Path.Combine(directory, Manifest), JsonSerializer.SerializeToUtf8Bytes(new ManifestContent(1, new FileInfo(copy).Length)));
    }

    /// <summary>
    /// Makes a new data directory from a backup. Every tenant's epoch is raised, so that nothing that wrote to the original can go on writing here.
    /// </summary>
    /// <param name="backup">What <see cref="BackupAsync"/> made.</param>
    /// <param name="dataDirectory">A directory that does not exist or is empty.</param>
    /// <exception cref="DataDirectoryException">No complete backup, or the new directory cannot be used.</exception>
    public static void Restore(string backup, string dataDirectory)
    {
        string manifest = Path.Combine(backup, Manifest);
        string source = Path.Combine(backup, "journal.db");
        ManifestContent? content = File.Exists(manifest) ? JsonSerializer.Deserialize<ManifestContent>(File.ReadAllBytes(manifest)) : null;
        if (content is not { Format: 1 } || !File.Exists(source) || new FileInfo(source).Length != content.JournalBytes)
        {
            throw new DataDirectoryException($"'{backup}' is no complete backup: expected {Manifest} and a journal.db of the size it names");
        }

        MakeEmpty(dataDirectory);
        string copy = Path.Combine(dataDirectory, "journal.db");
        File.Copy(source, copy);
        SQLitePCL.Batteries_V2.Init();
        using (SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = copy, Pooling = false }.ToString()))
        {
            connection.Open();
            string? state = connection.ExecuteScalar<string>("PRAGMA quick_check(1)");
            if (state != "ok")
            {
                throw new DataDirectoryException($"the backup's journal.db is damaged: {state}");
            }

            connection.Execute("UPDATE tenant_log SET epoch=epoch+1");
        }

        Sync(copy);
        foreach (string file in Directory.GetFiles(Path.Combine(backup, "keys"), "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(dataDirectory, "keys", Path.GetRelativePath(Path.Combine(backup, "keys"), file));
            DurableFile.CreateDirectory(Path.GetDirectoryName(target)!);
            DurableFile.Create(target, File.ReadAllBytes(file));
        }

        DurableFile.SyncDirectory(dataDirectory);
    }

    private static void MakeEmpty(string directory)
    {
        if (File.Exists(directory) || (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any()))
        {
            throw new DataDirectoryException($"'{directory}' is not empty: choose a directory that does not exist");
        }

        DurableFile.CreateDirectory(directory);
    }

    private static void Sync(string path)
    {
        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        DurableFile.Sync(handle, path);
        DurableFile.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    private sealed record ManifestContent(int Format, long JournalBytes);
}
