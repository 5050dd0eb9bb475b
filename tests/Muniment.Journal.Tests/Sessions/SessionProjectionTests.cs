using System.Collections.Immutable;
using System.Data.Common;
using System.Text;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Sessions;
using Muniment.Journal.Positions;
using Muniment.Journal.Sessions;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Tests.Sessions;

public class SessionProjectionTests
{
    private static readonly SessionFilter s_any = new(null, null, null, null, null);
    private static readonly SessionLimits s_small = new() { MaxStepEvents = 7, MaxStepSessions = 3, MaxCachedSessions = 4, MaxDropRows = 2 };

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Every_event_counts_once_however_the_log_is_cut_into_steps(StorageKind kind)
    {
        await using Log log = await Log.OpenAsync(kind);
        await log.AppendAsync(100);
        using SessionProjection projection = log.Projection(s_small);

        await log.StepToEndAsync(projection);
        await log.AppendAsync(50);
        await log.StepToEndAsync(projection);

        await log.AssertRightAsync();
        Assert.Equal(150, (await log.PositionAsync(2_000_001)).NextSeq);
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task A_step_that_fails_anywhere_counts_nothing_and_the_next_one_counts_all(StorageKind kind)
    {
        await using Log log = await Log.OpenAsync(kind);
        await log.AppendAsync(60);
        var positions = new FailingPositions(log.Journal.Store.Positions);
        using SessionProjection projection = log.Projection(s_small, positions);
        int failures = 0;
        for (SessionStepOutcome outcome = SessionStepOutcome.Advanced; outcome != SessionStepOutcome.Idle;)
        {
            try
            {
                outcome = (await projection.StepAsync(default)).Outcome;
            }
            catch (PlannedException)
            {
                failures++;
            }
        }

        Assert.True(failures >= 6, $"{failures} failures");
        await log.AssertRightAsync();
    }

    [Fact]
    public async Task A_restart_goes_on_from_the_position()
    {
        await using Log log = await Log.OpenAsync(StorageKind.Sqlite);
        await log.AppendAsync(30);
        using (SessionProjection first = log.Projection(s_small))
        {
            await first.StepAsync(default);
        }

        long before = (await log.PositionAsync(2_000_001)).NextSeq;
        await log.Journal.ReopenAsync();
        using SessionProjection second = log.Projection(s_small);
        SessionStep step = await second.StepAsync(default);

        Assert.InRange(before, 1, 29);
        Assert.Equal(step.NextSeq - before, step.Events);
        await log.StepToEndAsync(second);
        await log.AssertRightAsync();
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Of_two_owners_the_overtaken_one_writes_nothing_and_reads_again(StorageKind kind)
    {
        await using Log log = await Log.OpenAsync(kind);
        await log.AppendAsync(80);
        using SessionProjection one = log.Projection(s_small);
        using SessionProjection two = log.Projection(s_small);
        await one.StepAsync(default);
        await two.StepAsync(default);

        Assert.Equal(SessionStepOutcome.Overtaken, (await one.StepAsync(default)).Outcome);
        Assert.Equal(SessionStepOutcome.Advanced, (await one.StepAsync(default)).Outcome);
        Assert.Equal(SessionStepOutcome.Overtaken, (await two.StepAsync(default)).Outcome);
        await log.StepToEndAsync(two);
        await log.AssertRightAsync();
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task A_rebuilt_shadow_equals_the_live_one_and_takes_its_place(StorageKind kind)
    {
        await using Log log = await Log.OpenAsync(kind);
        await log.AppendAsync(50);
        using SessionProjection projection = log.Projection(s_small);
        await log.StepToEndAsync(projection);
        string live = await log.StoredAsync();

        await projection.RebuildAsync(default);
        await projection.StepAsync(default);
        Assert.True(projection.IsRebuilding);
        Assert.Equal(live, await log.StoredAsync());
        using SessionProjection restarted = log.Projection(s_small); // a rebuild goes on after a restart
        await log.StepToEndAsync(restarted);

        Assert.Equal(2_000_002, await log.Journal.Store.Positions.GetLiveVersionAsync(SessionProjection.Name, TestJournal.Acme, default));
        Assert.Equal(live, await log.StoredAsync());
        Assert.Equal(new ProjectionPosition(0, 0), await log.PositionAsync(2_000_001));
        Assert.Equal([2_000_002L], await log.Table.VersionsAsync(TestJournal.Acme, default));
        await log.AppendAsync(9);
        await log.StepToEndAsync(restarted);
        await log.AssertRightAsync();
    }

    [Fact]
    public async Task A_shadow_is_not_switched_on_while_it_is_behind()
    {
        await using Log log = await Log.OpenAsync(StorageKind.Sqlite);
        IPositionStore store = log.Journal.Store.Positions;
        ProjectionId live = new("p", 1, TestJournal.Acme), shadow = live with { Version = 2 };
        await store.SetLiveVersionAsync(live, default);
        await store.AdvanceAsync(live, await store.AcquireAsync(live, default), 10, [], null, default);
        ProjectionPosition? at = await store.AdvanceAsync(shadow, await store.AcquireAsync(shadow, default), 9, [], null, default);

        Assert.False(await store.SwitchAsync(live, shadow, default));
        await store.AdvanceAsync(shadow, at!, 10, [], null, default);
        Assert.True(await store.SwitchAsync(live, shadow, default));
        Assert.False(await store.SwitchAsync(live, shadow, default));
    }

    [Fact]
    public async Task What_is_not_folded_yet_is_listed_all_the_same()
    {
        await using Log log = await Log.OpenAsync(StorageKind.Sqlite);
        await log.AppendAsync(40);
        using SessionProjection projection = log.Projection(s_small);
        await projection.StepAsync(default);

        await log.AssertRightAsync();
        SessionList page = await log.Reader().ListAsync(TestJournal.Acme, s_any, long.MaxValue, 2, default);
        SessionList rest = await log.Reader().ListAsync(TestJournal.Acme, s_any, page.Sessions[^1].LastSeq, 100, default);
        Assert.Equal([.. log.Expected().Select(fold => fold.Session)], page.Sessions.Concat(rest.Sessions).Select(fold => fold.Session));
        SessionList cut = await log.Reader(new SessionLimits { MaxTailEvents = 5 }).ListAsync(TestJournal.Acme, s_any, long.MaxValue, 100, default);
        Assert.Equal(35, cut.FoldedFrom);
    }

    [Fact]
    public async Task Sessions_are_found_by_user_and_hidden_from_keys_of_others()
    {
        await using Log log = await Log.OpenAsync(StorageKind.Sqlite);
        await log.AppendAsync(40);
        using SessionProjection projection = log.Projection(s_small);
        await log.StepToEndAsync(projection);

        SessionList anns = await log.Reader().ListAsync(TestJournal.Acme, s_any with { User = "u1" }, long.MaxValue, 100, default);
        Assert.Equal([.. log.Expected().Where(fold => fold.User == "u1").Select(fold => fold.Session)], anns.Sessions.Select(fold => fold.Session));
        Assert.NotEmpty(anns.Sessions);
        Assert.Empty((await log.Reader().ListAsync(TestJournal.Acme, s_any with { User = "u1", OwnUser = "u2" }, long.MaxValue, 100, default)).Sessions);
    }

    [Fact]
    public async Task One_session_is_its_row_and_what_came_since()
    {
        await using Log log = await Log.OpenAsync(StorageKind.Sqlite);
        await log.AppendAsync(40);
        using SessionProjection projection = log.Projection(s_small);
        await projection.StepAsync(default);
        SessionReader reader = log.Reader();
        (SessionFold fold, long next) = await reader.FindAsync(TestJournal.Acme, "s1", default);

        next = (await reader.FollowAsync(TestJournal.Acme, fold, next, default)).NextSeq;
        await log.AppendAsync(20);
        Assert.Equal(new SessionFollowed(60, IsComplete: true), await reader.FollowAsync(TestJournal.Acme, fold, next, default));

        Assert.Equal(Log.Text(log.Expected().Single(f => f.Session == "s1")), Log.Text(fold));
        Assert.Equal(0, (await reader.FindAsync(TestJournal.Acme, "none", default)).Fold.Events);
    }

    [Fact]
    public async Task Following_a_session_ends_at_its_limit_of_time_and_goes_on_from_there()
    {
        await using Log log = await Log.OpenAsync(StorageKind.Sqlite);
        await log.AppendAsync(20);
        await log.AppendAsync(20);
        await log.AppendAsync(20);
        SessionReader reader = log.Reader(new SessionLimits { MaxFollowMs = 0 });
        var fold = new SessionFold("s1");

        Assert.Equal(new SessionFollowed(20, IsComplete: false), await reader.FollowAsync(TestJournal.Acme, fold, 0, default));
        Assert.Equal(new SessionFollowed(40, IsComplete: false), await reader.FollowAsync(TestJournal.Acme, fold, 20, default));
        Assert.NotEqual(Log.Text(log.Expected().Single(f => f.Session == "s1")), Log.Text(fold));
        Assert.Equal(new SessionFollowed(60, IsComplete: true), await reader.FollowAsync(TestJournal.Acme, fold, 40, default));
        Assert.Equal(Log.Text(log.Expected().Single(f => f.Session == "s1")), Log.Text(fold));
    }

    [Fact]
    public async Task Rows_of_older_code_are_folded_anew_and_go()
    {
        await using Log log = await Log.OpenAsync(StorageKind.Sqlite);
        await log.AppendAsync(40);
        IPositionStore positions = log.Journal.Store.Positions;
        ProjectionId old = new(SessionProjection.Name, 1_000_001, TestJournal.Acme);
        await positions.AdvanceAsync(
            old, await positions.AcquireAsync(old, default), 30, log.Table.Replace(old, [.. log.Expected().Select(fold => fold.Snapshot())]), default);
        await positions.SetLiveVersionAsync(old, default);
        await log.AssertRightAsync();

        using SessionProjection projection = log.Projection(s_small);
        await log.StepToEndAsync(projection);

        Assert.Equal(2_000_001, await positions.GetLiveVersionAsync(SessionProjection.Name, TestJournal.Acme, default));
        Assert.Equal([2_000_001L], await log.Table.VersionsAsync(TestJournal.Acme, default));
        await log.AssertRightAsync();
    }

    [Theory]
    [InlineData(100, 10, 9000, 30)]
    [InlineData(65_536, 10, 9000, 30)]
    [InlineData(65_537, 10, 9000, 20)]
    [InlineData(1_048_576, 10, 9000, 20)]
    [InlineData(1_048_577, 10, 9000, 60)]
    [InlineData(1_048_577, 10, 8192, 20)] // it comes on
    [InlineData(0, 0.1, 1, 1)]
    [InlineData(0, 5000, 1, 2000)]
    public void It_rests_longer_than_it_works_less_long_while_it_is_behind_and_longest_when_it_cannot_keep_up(long behind, double workedMs, long grownEvents, double restMs) =>
        Assert.Equal(restMs, new SessionLimits().RestMs(new SessionStep(SessionStepOutcome.Advanced, 1000, 1000 + behind, 8192), workedMs, grownEvents));

    [Fact]
    public void A_key_lists_the_sessions_that_are_wholly_its_own_by_what_it_is_bound_to()
    {
        var fold = new SessionFold("s");
        fold.Add(new SessionFacts { Session = "s", User = "ann", Project = "pay" });
        fold.Add(new SessionFacts { Session = "s", User = "ann", Project = "web" });

        Assert.True((s_any with { OwnUser = "ann" }).Matches(fold));
        Assert.False((s_any with { OwnProject = "pay" }).Matches(fold));
        Assert.False((s_any with { OwnUser = "ann", OwnProject = "pay" }).Matches(fold));
        SessionFold read = SessionFold.ReadState(fold.WriteState())!;
        Assert.Equal((false, true), (read.HasOtherUsers, read.HasOtherProjects));
        fold.Add(new SessionFacts { Session = "s", Project = "pay" });
        Assert.False((s_any with { OwnUser = "ann" }).Matches(fold));
    }

    private sealed class PlannedException() : Exception("planned");

    /// <summary>Fails each advance twice before it lets it through: once inside the transaction, everything written, and once when it is durable and nobody was told.</summary>
    private sealed class FailingPositions(IPositionStore inner) : IPositionStore
    {
        private int calls;

        public async ValueTask<ProjectionPosition?> AdvanceAsync(ProjectionId projection, ProjectionPosition seen, long nextSeq, ProjectionRows rows, CancellationToken cancellationToken)
        {
            switch (calls++ % 3)
            {
                case 0:
                    return await inner.AdvanceAsync(
                        projection, seen, nextSeq, rows with
                        {
                            Write = connection =>
                            {
                                rows.Write(connection);
                                throw new PlannedException();
                            },
                        },
                        cancellationToken);
                case 1:
                    await inner.AdvanceAsync(projection, seen, nextSeq, rows, cancellationToken);
                    throw new PlannedException();
                default:
                    return await inner.AdvanceAsync(projection, seen, nextSeq, rows, cancellationToken);
            }
        }

        public ValueTask<ProjectionPosition> AcquireAsync(ProjectionId projection, CancellationToken cancellationToken) => inner.AcquireAsync(projection, cancellationToken);

        public ValueTask<ProjectionPosition> GetAsync(ProjectionId projection, CancellationToken cancellationToken) => inner.GetAsync(projection, cancellationToken);

        public ValueTask<ProjectionPosition?> AdvanceAsync(
            ProjectionId projection, ProjectionPosition seen, long nextSeq, ImmutableArray<ProjectionState> states, Action<DbConnection>? also, CancellationToken cancellationToken) =>
            inner.AdvanceAsync(projection, seen, nextSeq, states, also, cancellationToken);

        public ValueTask<ReadOnlyMemory<byte>?> ReadStateAsync(ProjectionId projection, string key, CancellationToken cancellationToken) => inner.ReadStateAsync(projection, key, cancellationToken);

        public ValueTask<ImmutableArray<ProjectionState>> ListStatesAsync(ProjectionId projection, string prefix, CancellationToken cancellationToken) =>
            inner.ListStatesAsync(projection, prefix, cancellationToken);

        public ValueTask<int> GetLiveVersionAsync(string name, TenantId tenant, CancellationToken cancellationToken) => inner.GetLiveVersionAsync(name, tenant, cancellationToken);

        public ValueTask SetLiveVersionAsync(ProjectionId projection, CancellationToken cancellationToken) => inner.SetLiveVersionAsync(projection, cancellationToken);

        public ValueTask<bool> SwitchAsync(ProjectionId from, ProjectionId to, CancellationToken cancellationToken) => inner.SwitchAsync(from, to, cancellationToken);

        public ValueTask DropAsync(ProjectionId projection, CancellationToken cancellationToken) => inner.DropAsync(projection, cancellationToken);
    }

    /// <summary>A journal with sessions in it, and what they should be.</summary>
    private sealed class Log : IAsyncDisposable
    {
        private readonly List<SessionFold> expected = [];
        private JournalHead? head;
        private int made;

        public required TestJournal Journal { get; init; }

        public SessionTable Table => new(Journal.Store.Database, Journal.Store.Keyring);

        public static async Task<Log> OpenAsync(StorageKind kind)
        {
            var log = new Log { Journal = await TestJournal.OpenAsync(kind) };
            await log.Journal.Store.Database.MigrateAsync(SessionTable.Owner);
            return log;
        }

        public SessionProjection Projection(SessionLimits limits, IPositionStore? positions = null) =>
            new(TestJournal.Acme, Journal.Store.Reader, positions ?? Journal.Store.Positions, Table, limits, TimeProvider.System);

        public SessionReader Reader(SessionLimits? limits = null) =>
            new(Journal.Store.Reader, Journal.Store.Positions, Table, Journal.Store.Keyring, limits ?? new SessionLimits { MaxFollowMs = 120_000 }, TimeProvider.System);

        public ValueTask<ProjectionPosition> PositionAsync(int version) => Journal.Store.Positions.GetAsync(new ProjectionId(SessionProjection.Name, version, TestJournal.Acme), default);

        /// <summary>Eight sessions of three users in turns; every ninth event belongs to none.</summary>
        public async Task AppendAsync(int count)
        {
            head ??= await Journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
            using SegmentEncoder encoder = new();
            encoder.Begin(Journal.Store.Keyring.Current(TestJournal.Acme), TestSegments.Start);
            int envelope = encoder.AddEnvelope("""{"receiver":"events"}"""u8);
            for (int i = 0; i < count; i++, made++)
            {
                int session = made * 5 % 8;
                string trace = made % 9 == 8 ? "" : $$""","trace":{"session":"s{{session}}","turn":"t{{made % 4}}"}""";
                string result = made % 5 == 0 ? "denied" : "success";
                string json = $$$"""{"actor":{"id":"a","type":"agent","user":"u{{{session % 3}}}"},"action":"tool.call","result":"{{{result}}}","ts":"2026-11-21T10:00:00Z","tool":{"name":"Bash","call":"c{{{made / 2}}}"},"usage":{"input":{{{made}}},"cost":{"amount":"0.01","unit":"USD","source":"reported"}}{{{trace}}}}""";
                encoder.Add(EntryKind.Event, envelope, -1, -1, Encoding.UTF8.GetBytes(json), TestSegments.Start);
                encoder.Add(TermField.Session, Encoding.UTF8.GetBytes("s" + session));
            }

            CommitOutcome outcome = await Journal.CommitAsync(head, new PendingAppend([encoder.Finish()], default, [], default));
            Assert.Equal(CommitStatus.Committed, outcome.Status);
            head = outcome.Head;
            foreach (StoredEvent stored in (await Journal.ReadAllAsync(TestJournal.Acme)).Skip(made - count))
            {
                CanonicalEvent e = EventReader.Read(stored, TestJournal.Acme);
                if (e.Trace?.Session is { } session)
                {
                    SessionFold? fold = expected.Find(f => f.Session == session);
                    if (fold is null)
                    {
                        expected.Add(fold = new SessionFold(session));
                    }

                    fold.Add(e);
                }
            }
        }

        public async Task StepToEndAsync(SessionProjection projection)
        {
            for (int steps = 0; (await projection.StepAsync(default)).Outcome != SessionStepOutcome.Idle; steps++)
            {
                Assert.True(steps < 1000, "the projection does not come to an end");
            }
        }

        public IEnumerable<SessionFold> Expected() => expected.OrderByDescending(fold => fold.LastSeq);

        /// <summary>Only what lies in the table.</summary>
        public async Task<string> StoredAsync()
        {
            int version = await Journal.Store.Positions.GetLiveVersionAsync(SessionProjection.Name, TestJournal.Acme, default);
            return Texts((await Table.PageAsync(new ProjectionId(SessionProjection.Name, version, TestJournal.Acme), s_any, long.MaxValue, 1000, default)).Folds);
        }

        public async Task AssertRightAsync()
        {
            Assert.NotEmpty(expected);
            SessionList list = await Reader().ListAsync(TestJournal.Acme, s_any, long.MaxValue, 1000, default);
            Assert.Equal(Texts(Expected()), Texts(list.Sessions));
            Assert.Equal(0, list.FoldedFrom);
        }

        public static string Text(SessionFold fold) => Convert.ToHexString(fold.WriteState());

        public ValueTask DisposeAsync() => Journal.DisposeAsync();

        private static string Texts(IEnumerable<SessionFold> folds) => string.Join('\n', folds.Select(Text));
    }
}
