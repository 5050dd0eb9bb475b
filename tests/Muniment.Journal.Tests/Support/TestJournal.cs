using Microsoft.Extensions.Logging.Abstractions;
using Muniment.Events;
using Muniment.Journal.Sealing;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Tests;

/// <summary>A journal in a directory of its own that can be closed and opened again.</summary>
internal sealed class TestJournal : IAsyncDisposable, IJournalFailure
{
    public static readonly TenantId Acme = TenantId.Parse("acme");
    public static readonly TenantId Globex = TenantId.Parse("globex");

    private TestJournal(JournalOptions options) => Options = options;

    public JournalOptions Options { get; }

    public JournalStore Store { get; private set; } = null!;

    public PostgresServer? Server { get; private init; }

    /// <summary>What <see cref="IJournalFailure"/> was told.</summary>
    public string? Failure { get; private set; }

    public static async Task<TestJournal> OpenAsync(StorageKind kind = StorageKind.Sqlite, SealLimits? limits = null, bool ownServer = false)
    {
        string directory = Path.Combine(Path.GetTempPath(), "muniment-journal-" + Guid.NewGuid().ToString("N"));
        string? connectionString = null;
        PostgresServer? server = null;
        if (kind == StorageKind.Postgres)
        {
            server = ownServer ? PostgresServer.StartNew() : PostgresServer.Instance;
            Skip.If(server is null, PostgresServer.AbsentReason);
            connectionString = server!.CreateDatabase();
        }

        TestJournal journal = new(new JournalOptions { DataDirectory = directory, Provider = kind, ConnectionString = connectionString, Sealing = limits ?? new SealLimits() }) { Server = server };
        await journal.StartAsync();
        return journal;
    }

    public async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        await StartAsync();
    }

    public void Fatal(string reason, Exception? exception) => Failure = reason;

    public async Task<List<StoredEvent>> ReadAllAsync(TenantId tenant, SeqRange? range = null, BlockFilter? filter = null, bool newestFirst = false)
    {
        List<StoredEvent> events = [];
        await foreach (JournalBlock block in Store.Reader.ReadAsync(tenant, range ?? SeqRange.All, filter ?? BlockFilter.None, newestFirst, default))
        {
            Assert.Equal(block.FirstSeq, block.Events[0].Seq);
            events.AddRange(block.Events);
        }

        return events;
    }

    public async Task<CommitOutcome> CommitAsync(JournalHead head, params PendingAppend[] group) => await Store.Writer.CommitAsync(head, group, default);

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Directory.Delete(Options.DataDirectory, recursive: true);
    }

    private async Task StartAsync() => Store = await JournalStore.OpenAsync(Options, this, NullLoggerFactory.Instance);
}
