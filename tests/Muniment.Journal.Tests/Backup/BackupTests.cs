using Microsoft.Extensions.Logging.Abstractions;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Journal.Backup;
using Muniment.Journal.Sealing;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Tests.Backup;

public sealed class BackupTests : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "muniment-backup-" + Guid.NewGuid().ToString("N"));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_backup_of_a_working_journal_is_restored_whole()
    {
        string copy = Path.Combine(_directory, "copy");
        string data = Path.Combine(_directory, "new");
        await using TestJournal journal = await TestJournal.OpenAsync(limits: new SealLimits { MaxEvents = 16, BaseBlocks = 4 });
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        head = (await journal.CommitAsync(head, [.. Enumerable.Range(0, 30).Select(i => TestSegments.Request(keys, 10, "r" + i))])).Head;
        await journal.Store.Writer.SealAsync(head, default);
        Task<JournalHead> writing = WriteAsync(journal, keys, head, 200);
        await JournalBackup.BackupAsync(journal.Store, journal.Options, copy);
        JournalHead last = await writing;

        JournalBackup.Restore(copy, data);
        JournalOptions options = journal.Options with { DataDirectory = data };
        await using JournalStore restored = await JournalStore.OpenAsync(options, journal, NullLoggerFactory.Instance);
        JournalHead resumed = await restored.Writer.AcquireAsync(TestJournal.Acme, default);

        Assert.InRange(resumed.Size, 300, last.Size);
        Assert.True(resumed.Epoch > last.Epoch);
        long expected = 0;
        await foreach (JournalBlock block in restored.Reader.ReadAsync(TestJournal.Acme, SeqRange.All, BlockFilter.None, false, default))
        {
            foreach (StoredEvent stored in block.Events)
            {
                Assert.Equal(expected++, stored.Seq);
            }
        }

        Assert.Equal(resumed.Size, expected);
        Assert.Equal(CommitStatus.Committed, (await restored.Writer.CommitAsync(resumed, [TestSegments.Request(restored.Keyring.Current(TestJournal.Acme), 1, "on")], default)).Status);
    }

    [Fact]
    public async Task The_journal_alone_cannot_be_read()
    {
        string copy = Path.Combine(_directory, "copy");
        string data = Path.Combine(_directory, "new");
        await using TestJournal journal = await TestJournal.OpenAsync();
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        await journal.CommitAsync(head, TestSegments.Request(keys, 3, "secret"));
        await JournalBackup.BackupAsync(journal.Store, journal.Options, copy);
        Directory.CreateDirectory(data);
        File.Copy(Path.Combine(copy, "journal.db"), Path.Combine(data, "journal.db"));
        Assert.DoesNotContain("secret", System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Path.Combine(data, "journal.db"))), StringComparison.Ordinal);

        await using JournalStore stolen = await JournalStore.OpenAsync(journal.Options with { DataDirectory = data }, journal, NullLoggerFactory.Instance);
        await Assert.ThrowsAsync<JournalCorruptException>(async () =>
        {
            await foreach (JournalBlock _ in stolen.Reader.ReadAsync(TestJournal.Acme, SeqRange.All, BlockFilter.None, false, default))
            {
            }
        });
    }

    [Fact]
    public async Task Nothing_is_overwritten_and_half_a_backup_is_refused()
    {
        string copy = Path.Combine(_directory, "copy");
        await using TestJournal journal = await TestJournal.OpenAsync();
        await JournalBackup.BackupAsync(journal.Store, journal.Options, copy);
        DataDirectoryException again = await Assert.ThrowsAsync<DataDirectoryException>(() => JournalBackup.BackupAsync(journal.Store, journal.Options, copy));
        Assert.Contains("not empty", again.Message, StringComparison.Ordinal);
        Assert.Throws<DataDirectoryException>(() => JournalBackup.Restore(copy, journal.Options.DataDirectory));
        File.Delete(Path.Combine(copy, "backup.json"));
        DataDirectoryException half = Assert.Throws<DataDirectoryException>(() => JournalBackup.Restore(copy, Path.Combine(_directory, "new")));
        Assert.Contains("no complete backup", half.Message, StringComparison.Ordinal);
    }

    private static async Task<JournalHead> WriteAsync(TestJournal journal, TenantKeys keys, JournalHead head, int commits)
    {
        for (int i = 0; i < commits; i++)
        {
            head = (await journal.CommitAsync(head, TestSegments.Request(keys, 5, "w" + i))).Head;
        }

        return head;
    }
}
