using Muniment.Journal.Positions;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Tests.Positions;

public class PositionStoreTests
{
    private static readonly ProjectionId s_sessions = new("sessions", 1, TestJournal.Acme);

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task State_and_position_move_together_and_only_from_what_was_seen(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        IPositionStore store = journal.Store.Positions;
        ProjectionPosition start = await store.AcquireAsync(s_sessions, default);
        Assert.Equal(new ProjectionPosition(0, 1), start);

        ProjectionPosition? moved = await store.AdvanceAsync(s_sessions, start, 10, [new("a", new byte[] { 1 })], null, default);
        ProjectionPosition? stale = await store.AdvanceAsync(s_sessions, start, 20, [new("a", new byte[] { 2 })], null, default);

        Assert.Equal(10, moved?.NextSeq);
        Assert.Null(stale);
        await journal.ReopenAsync();
        Assert.Equal(new ProjectionPosition(10, 1), await journal.Store.Positions.GetAsync(s_sessions, default));
        Assert.Equal([1], (await journal.Store.Positions.ReadStateAsync(s_sessions, "a", default))!.Value.ToArray());
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task An_overtaken_activation_changes_nothing(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        IPositionStore store = journal.Store.Positions;
        ProjectionPosition old = await store.AcquireAsync(s_sessions, default);
        ProjectionPosition current = await store.AcquireAsync(s_sessions, default);

        Assert.Null(await store.AdvanceAsync(s_sessions, old, 5, [new("a", new byte[] { 1 })], null, default));
        Assert.Null(await store.ReadStateAsync(s_sessions, "a", default));
        Assert.NotNull(await store.AdvanceAsync(s_sessions, current, 5, [], null, default));
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task A_shadow_version_stands_apart_until_it_is_made_live(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        IPositionStore store = journal.Store.Positions;
        ProjectionId shadow = s_sessions with { Version = 2 };
        await store.AdvanceAsync(s_sessions, await store.AcquireAsync(s_sessions, default), 7, [new("k/1", new byte[] { 1 }), new("k/2", new byte[] { 2 }), new("x", new byte[] { 3 })], null, default);
        await store.SetLiveVersionAsync(s_sessions, default);
        await store.AdvanceAsync(shadow, await store.AcquireAsync(shadow, default), 3, [new("k/1", new byte[] { 9 })], null, default);

        Assert.Equal(1, await store.GetLiveVersionAsync("sessions", TestJournal.Acme, default));
        Assert.Equal(["k/1", "k/2"], (await store.ListStatesAsync(s_sessions, "k/", default)).Select(s => s.Key));
        await store.SetLiveVersionAsync(shadow, default);
        await store.DropAsync(s_sessions, default);
        Assert.Equal(2, await store.GetLiveVersionAsync("sessions", TestJournal.Acme, default));
        Assert.Equal(new ProjectionPosition(0, 0), await store.GetAsync(s_sessions, default));
        Assert.Empty(await store.ListStatesAsync(s_sessions, "", default));
        Assert.Equal([9], (await store.ReadStateAsync(shadow, "k/1", default))!.Value.ToArray());
    }
}
