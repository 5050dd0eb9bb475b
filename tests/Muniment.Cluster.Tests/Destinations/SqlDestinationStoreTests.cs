using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Storage;
using Muniment.Events;
using Muniment.Grains.Destinations;
using Muniment.Journal;
using Muniment.Journal.Storage;
using Muniment.Journal.Tests;

namespace Muniment.Cluster.Tests.Destinations;

/// <summary>One behaviour of three stores: SQLite, PostgreSQL (skipped loudly where Debian's server is absent), and the one in memory that simulations use.</summary>
public sealed class SqlDestinationStoreTests
{
    private static readonly TenantId Acme = TenantId.Parse("acme");
    private static readonly TenantId Globex = TenantId.Parse("globex");
    private static readonly DateTimeOffset Now = new(2026, 5, 6, 7, 8, 9, TimeSpan.Zero);

    public static TheoryData<string> Stores => ["sqlite", "postgres", "memory"];

    [SkippableTheory]
    [MemberData(nameof(Stores))]
    public async Task A_row_is_made_once_read_and_listed_in_order(string kind)
    {
        await using TestStore test = await TestStore.OpenAsync(kind);
        IDestinationStore store = test.Store;
        Assert.True(await store.CreateAsync(Row(Acme, "b-1"), default));
        Assert.False(await store.CreateAsync(Row(Acme, "b-1", state: "other"), default));
        Assert.True(await store.CreateAsync(Row(Acme, "a_9"), default));
        Assert.True(await store.CreateAsync(Row(Acme, "a.z"), default));
        Assert.True(await store.CreateAsync(Row(Acme, "a-z"), default));
        Assert.True(await store.CreateAsync(Row(Globex, "b-1"), default));
        Assert.Equal(["a-z", "a.z", "a_9", "b-1"], (await store.ListAsync(Acme, default)).Select(r => r.Id)); // ordinal, whatever the server's collation
        Assert.Equal(5, (await store.ListAsync(null, default)).Length);
        DestinationRow found = (await store.FindAsync(Acme, "b-1", default))!;
        Assert.Equal((Acme, "b-1", 0L, 1, "config", "secrets", "state"), (found.Tenant, found.Id, found.Fence, found.Version, Text(found.Config), Text(found.Secrets), Text(found.State)));
        Assert.Null(await store.FindAsync(Globex, "a.z", default));
    }

    [SkippableTheory]
    [MemberData(nameof(Stores))]
    public async Task Only_the_last_activation_writes(string kind)
    {
        await using TestStore test = await TestStore.OpenAsync(kind);
        IDestinationStore store = test.Store;
        Assert.Null(await store.AcquireAsync(Acme, "d", default));
        await store.CreateAsync(Row(Acme, "d"), default);
        DestinationRow first = (await store.AcquireAsync(Acme, "d", default))!;
        DestinationRow second = (await store.AcquireAsync(Acme, "d", default))!;
        Assert.Equal((1L, 2L), (first.Fence, second.Fence));
        Changes changes = new();
        changes.Receipts.Add(ReceiptOf(0));
        changes.DeadLetters.Add(Letter(3));
        Assert.False(await store.SaveAsync(first with { State = Bytes("late") }, changes, false, default));
        Assert.False(await store.DeleteAsync(Acme, "d", first.Fence, default));
        Assert.Empty(await store.ReadReceiptsAsync(Acme, "d", 0, 10, default)); // nothing of the refused write is there
        Assert.Empty(await store.ReadDeadLettersAsync(Acme, "d", 0, 10, default));
        Assert.True(await store.SaveAsync(second with { State = Bytes("new") }, changes, false, default));
        Assert.Equal("new", Text((await store.FindAsync(Acme, "d", default))!.State));
    }

    [SkippableTheory]
    [MemberData(nameof(Stores))]
    public async Task Many_activations_at_once_get_fences_of_their_own(string kind)
    {
        await using TestStore test = await TestStore.OpenAsync(kind);
        await test.Store.CreateAsync(Row(Acme, "d"), default);
        DestinationRow?[] rows = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => test.Store.AcquireAsync(Acme, "d", default)));
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), rows.Select(r => r!.Fence).Order());
        bool[] saved = await Task.WhenAll(rows.Select(r => test.Store.SaveAsync(r! with { State = Bytes("by " + r.Fence) }, new Changes(), false, default)));
        Assert.Equal(1, saved.Count(s => s));
        Assert.Equal("by 20", Text((await test.Store.FindAsync(Acme, "d", default))!.State));
    }

    [SkippableTheory]
    [MemberData(nameof(Stores))]
    public async Task Configuration_and_secrets_move_only_with_their_version(string kind)
    {
        await using TestStore test = await TestStore.OpenAsync(kind);
        await test.Store.CreateAsync(Row(Acme, "d"), default);
        DestinationRow row = (await test.Store.AcquireAsync(Acme, "d", default))! with { Version = 2, Config = Bytes("config 2"), Secrets = Bytes("secrets 2"), State = Bytes("s2") };
        await test.Store.SaveAsync(row, new Changes(), configChanged: false, default);
        DestinationRow found = (await test.Store.FindAsync(Acme, "d", default))!;
        Assert.Equal((1, "config", "s2"), (found.Version, Text(found.Config), Text(found.State)));
        await test.Store.SaveAsync(row, new Changes(), configChanged: true, default);
        found = (await test.Store.FindAsync(Acme, "d", default))!;
        Assert.Equal((2, "config 2", "secrets 2"), (found.Version, Text(found.Config), Text(found.Secrets)));
    }

    [SkippableTheory]
    [MemberData(nameof(Stores))]
    public async Task Receipts_and_dead_letters_are_kept_by_destination_and_paged(string kind)
    {
        await using TestStore test = await TestStore.OpenAsync(kind);
        foreach (string id in (string[])["d", "e"])
        {
            await test.Store.CreateAsync(Row(Acme, id), default);
        }

        DestinationRow row = (await test.Store.AcquireAsync(Acme, "d", default))!;
        Changes changes = new();
        changes.Receipts.AddRange(Enumerable.Range(0, 5).Select(i => ReceiptOf(i)));
        changes.DeadLetters.AddRange([Letter(7), Letter(3), Letter(5)]);
        Assert.True(await test.Store.SaveAsync(row, changes, false, default));
        ImmutableArray<Receipt> page = await test.Store.ReadReceiptsAsync(Acme, "d", 1, 3, default);
        Assert.Equal([1L, 2, 3], page.Select(r => r.Number));
        Assert.Equal(("{\"number\":2}", "hash 2"), (Text(page[1].Json), page[1].Hash));
        Assert.Equal([3L, 5, 7], (await test.Store.ReadDeadLettersAsync(Acme, "d", 0, 10, default)).Select(l => l.Seq));
        Assert.Equal([5L], (await test.Store.ReadDeadLettersAsync(Acme, "d", 4, 1, default)).Select(l => l.Seq));
        Assert.Empty(await test.Store.ReadReceiptsAsync(Acme, "e", 0, 10, default));
        Assert.Empty(await test.Store.ReadDeadLettersAsync(Globex, "d", 0, 10, default));

        // Refused again: attempts add up, the first time stays, the last word counts. Taken: gone.
        changes = new Changes();
        changes.DeadLetters.Add(Letter(5) with { First = Now.AddHours(1), Last = Now.AddHours(1), Message = "still bad", Status = null });
        changes.Redeemed.Add(3);
        Assert.True(await test.Store.SaveAsync(row, changes, false, default));
        ImmutableArray<DeadLetter> letters = await test.Store.ReadDeadLettersAsync(Acme, "d", 0, 10, default);
        Assert.Equal([5L, 7], letters.Select(l => l.Seq));
        Assert.Equal((2, Now, Now.AddHours(1), "still bad", null), (letters[0].Attempts, letters[0].First, letters[0].Last, letters[0].Message, letters[0].Status));
        Assert.Equal(("e5", 2L, 50L, "destination_error", 123), (letters[0].EventId, letters[0].Epoch, letters[0].N, letters[0].Code, letters[0].SizeBytes));
    }

    [SkippableTheory]
    [MemberData(nameof(Stores))]
    public async Task What_is_removed_leaves_nothing_for_the_next_of_that_name(string kind)
    {
        await using TestStore test = await TestStore.OpenAsync(kind);
        await test.Store.CreateAsync(Row(Acme, "d"), default);
        await test.Store.CreateAsync(Row(Globex, "d"), default);
        DestinationRow row = (await test.Store.AcquireAsync(Acme, "d", default))!;
        Changes changes = new();
        changes.Receipts.Add(ReceiptOf(0));
        changes.DeadLetters.Add(Letter(1));
        await test.Store.SaveAsync(row, changes, false, default);
        Assert.True(await test.Store.DeleteAsync(Acme, "d", row.Fence, default));
        Assert.Null(await test.Store.FindAsync(Acme, "d", default));
        Assert.NotNull(await test.Store.FindAsync(Globex, "d", default));
        Assert.False(await test.Store.SaveAsync(row, new Changes(), false, default));
        Assert.True(await test.Store.CreateAsync(Row(Acme, "d"), default));
        Assert.Empty(await test.Store.ReadReceiptsAsync(Acme, "d", 0, 10, default));
        Assert.Empty(await test.Store.ReadDeadLettersAsync(Acme, "d", 0, 10, default));
    }

    [SkippableTheory]
    [MemberData(nameof(Stores))]
    public async Task A_large_state_and_bytes_of_every_value_come_back(string kind)
    {
        await using TestStore test = await TestStore.OpenAsync(kind);
        byte[] large = new byte[3 << 20];
        new Random(1).NextBytes(large);
        await test.Store.CreateAsync(Row(Acme, "d") with { State = large, Secrets = large.AsMemory(0, 5000) }, default);
        DestinationRow row = (await test.Store.AcquireAsync(Acme, "d", default))!;
        Assert.True(row.State.Span.SequenceEqual(large));
        Array.Reverse(large);
        await test.Store.SaveAsync(row with { State = large }, new Changes(), false, default);
        await test.ReopenAsync();
        Assert.True((await test.Store.FindAsync(Acme, "d", default))!.State.Span.SequenceEqual(large));
    }

    private static DestinationRow Row(TenantId tenant, string id, string state = "state") => new(tenant, id, 0, 1, Bytes("config"), Bytes("secrets"), Bytes(state));

    private static Receipt ReceiptOf(long number) => new() { Number = number, Json = Bytes($"{{\"number\":{number}}}"), Hash = "hash " + number };

    private static DeadLetter Letter(long seq) => new(seq, "e" + seq, 2, seq * 10, "destination_error", 400, "bad “record”", 1, Now, Now, 123);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private sealed class TestStore : IAsyncDisposable, IJournalFailure
    {
        private readonly JournalOptions? _options;
        private JournalStore? _journal;

        private TestStore(JournalOptions? options) => _options = options;

        public IDestinationStore Store { get; private set; } = new MemoryDestinationStore();

        public static async Task<TestStore> OpenAsync(string kind)
        {
            if (kind == "memory")
            {
                return new TestStore(null);
            }

            string? connection = null;
            if (kind == "postgres")
            {
                Skip.If(PostgresServer.Instance is null, PostgresServer.AbsentReason);
                connection = PostgresServer.Instance!.CreateDatabase();
            }

            TestStore test = new(new JournalOptions
            {
                DataDirectory = Path.Combine(Path.GetTempPath(), "muniment-store-" + Guid.NewGuid().ToString("N")), ConnectionString = connection,
                Provider = kind == "postgres" ? StorageKind.Postgres : StorageKind.Sqlite, LowWaterBytes = 0, ReserveBytes = 0,
            });
            await test.StartAsync();
            return test;
        }

        public async Task ReopenAsync()
        {
            if (_journal is not null)
            {
                await _journal.DisposeAsync();
                await StartAsync();
            }
        }

        public void Fatal(string reason, Exception? exception) => throw new InvalidOperationException(reason, exception);

        public async ValueTask DisposeAsync()
        {
            if (_journal is not null)
            {
                await _journal.DisposeAsync();
                Directory.Delete(_options!.DataDirectory, recursive: true);
            }
        }

        private async Task StartAsync()
        {
            _journal = await JournalStore.OpenAsync(_options!, this, NullLoggerFactory.Instance);
            await _journal.Database.MigrateAsync(SqlDestinationStore.Owner);
            Store = new SqlDestinationStore(_journal.Database);
        }
    }
}
