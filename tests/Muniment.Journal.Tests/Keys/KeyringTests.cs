using Microsoft.Extensions.Logging.Abstractions;
using Muniment.Events.Keys;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Tests.Keys;

public class KeyringTests
{
    [Fact]
    public async Task Keys_survive_a_restart_and_differ_between_tenants()
    {
        await using TestJournal journal = await TestJournal.OpenAsync();
        byte[] acme = journal.Store.Keyring.Current(TestJournal.Acme).BlockKey.ToArray();
        byte[] globex = journal.Store.Keyring.Current(TestJournal.Globex).BlockKey.ToArray();
        await journal.ReopenAsync();

        TenantKeys? found = journal.Store.Keyring.Find(TestJournal.Acme, 1);
        Assert.Equal(acme, found!.BlockKey.ToArray());
        Assert.NotEqual(acme, globex);
        Assert.Null(journal.Store.Keyring.Find(TestJournal.Acme, 2));
    }

    [Fact]
    public async Task Key_files_are_for_the_owner_only_and_no_root_lies_open()
    {
        Assert.False(OperatingSystem.IsWindows());
        await using TestJournal journal = await TestJournal.OpenAsync();
        journal.Store.Keyring.Current(TestJournal.Acme);
        string[] files = Directory.GetFiles(journal.Options.KeysDirectory, "*", SearchOption.AllDirectories);
        Assert.Equal(["acme.json", "master"], files.Select(f => Path.GetFileName(f)).Order());
#pragma warning disable CA1416
        Assert.All(files, f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
#pragma warning restore CA1416
    }

    [Fact]
    public async Task A_missing_master_key_is_not_made_anew()
    {
        await using TestJournal journal = await TestJournal.OpenAsync();
        journal.Store.Keyring.Current(TestJournal.Acme);
        string master = journal.Options.MasterKeyPath;
        await journal.Store.DisposeAsync();
        File.Move(master, master + ".away");

        DataDirectoryException error = await Assert.ThrowsAsync<DataDirectoryException>(() => JournalStore.OpenAsync(journal.Options, journal, NullLoggerFactory.Instance));

        Assert.Contains("is missing", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(master));
        File.Move(master + ".away", master);
        await journal.ReopenAsync();
    }

    [Theory]
    [InlineData("AAAA\n")]
    [InlineData("not base64")]
    [InlineData("")]
    public async Task A_damaged_master_key_is_refused(string text)
    {
        await using TestJournal journal = await TestJournal.OpenAsync();
        await journal.Store.DisposeAsync();
        byte[] kept = File.ReadAllBytes(journal.Options.MasterKeyPath);
        File.WriteAllText(journal.Options.MasterKeyPath, text);

        DataDirectoryException error = await Assert.ThrowsAsync<DataDirectoryException>(() => JournalStore.OpenAsync(journal.Options, journal, NullLoggerFactory.Instance));

        Assert.Contains("holds no key", error.Message, StringComparison.Ordinal);
        File.WriteAllBytes(journal.Options.MasterKeyPath, kept);
        await journal.ReopenAsync();
    }

    [Fact]
    public async Task Another_master_key_opens_nothing()
    {
        await using TestJournal journal = await TestJournal.OpenAsync();
        journal.Store.Keyring.Current(TestJournal.Acme);
        await journal.Store.DisposeAsync();
        File.WriteAllText(journal.Options.MasterKeyPath, Convert.ToBase64String(new byte[32]));
        await journal.ReopenAsync();

        DataDirectoryException error = Assert.Throws<DataDirectoryException>(() => journal.Store.Keyring.Current(TestJournal.Acme));
        Assert.Contains("tenant 'acme'", error.Message, StringComparison.Ordinal);
    }
}
