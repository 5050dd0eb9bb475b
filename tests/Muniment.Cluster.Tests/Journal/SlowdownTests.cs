using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Grains.Journal;
using Muniment.Journal;
using Muniment.Messages.Journal;

namespace Muniment.Cluster.Tests.Journal;

/// <summary>Appends wait for sealing beyond a limit, for a bounded time, and nothing is lost by it. Each request has 1000 events; the limit is 10,000.</summary>
public sealed class SlowdownTests : IDisposable
{
    private const int Events = 1000;
    private static readonly TenantId Tenant = TenantId.Parse("acme");

    private readonly JournalInstruments _instruments = new();
    private readonly TimerTime _time = new();
    private readonly MemoryWriter _writer = new();
    private readonly JournalLimits _limits = new() { MaxUnsealedEvents = 10_000, MaxUnsealedBytes = 64 << 20, MaxSlowdownMs = 100 };
    private readonly MeterListener _listener = new();
    private long _slowed;

    public SlowdownTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "muniment.journal.slowed")
            {
                listener.EnableMeasurementEvents(instrument, this);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, state) => _slowed += instrument.Meter == _instruments.Meter ? value : 0);
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _instruments.Dispose();
    }

    [Fact]
    public async Task Beyond_the_limit_a_group_waits_until_sealing_has_come_on()
    {
        (JournalSequencer sequencer, Slowdown slowdown) = Make();
        slowdown.Sealed(0);
        for (int i = 0; i < 11; i++)
        {
            await sequencer.AppendAsync(Request());
        }

        Assert.True(slowdown.IsActive);
        Task<AppendResult> held = sequencer.AppendAsync(Request());
        Assert.Equal((11_000, 1, false), (sequencer.Head.Size, _time.Timers, held.IsCompleted));
        slowdown.Sealed(500); // not enough
        Assert.False(held.IsCompleted);
        slowdown.Sealed(4000);

        Assert.Equal((AppendStatus.Accepted, 11_000L, 11_999L), ((await held).Status, (await held).FirstSeq, (await held).LastSeq));
        Assert.Equal(1, _slowed);
        Assert.False(slowdown.IsActive);
        await sequencer.AppendAsync(Request());
        Assert.Equal(1, _slowed);
    }

    [Fact]
    public async Task The_wait_is_bounded_and_whoever_came_meanwhile_goes_with_the_group()
    {
        (JournalSequencer sequencer, Slowdown slowdown) = Make(size: 50_000);
        slowdown.Sealed(0);
        Task<AppendResult>[] held = [.. Enumerable.Range(0, 5).Select(_ => sequencer.AppendAsync(Request()))];
        Assert.All(held, h => Assert.False(h.IsCompleted));
        Assert.Equal(TimeSpan.FromMilliseconds(100), _time.Due);
        _time.Fire();

        AppendResult[] results = await Task.WhenAll(held);
        Assert.All(results, r => Assert.Equal(AppendStatus.Accepted, r.Status));
        Assert.Equal((1, 1, 55_000), (_writer.Commits, _slowed, sequencer.Head.Size));
    }

    [Theory]
    [InlineData(10_001, 1)]
    [InlineData(10_500, 40)]
    [InlineData(11_250, 100)]
    public async Task A_little_beyond_the_limit_only_a_part_of_the_wait_is_due(long unsealed, int waitMs)
    {
        (JournalSequencer sequencer, Slowdown slowdown) = Make(size: unsealed);
        slowdown.Sealed(0);
        Task<AppendResult> held = sequencer.AppendAsync(Request());
        Assert.Equal(TimeSpan.FromMilliseconds(waitMs), _time.Due);
        _time.Fire();
        Assert.Equal(AppendStatus.Accepted, (await held).Status);
    }

    [Fact]
    public async Task Decisions_do_not_wait_and_take_those_before_them_along()
    {
        (JournalSequencer sequencer, Slowdown slowdown) = Make(size: 50_000);
        slowdown.Sealed(0);
        Task<AppendResult> held = sequencer.AppendAsync(Request());
        Assert.False(held.IsCompleted);

        AppendResult decision = await sequencer.AppendAsync(Request(), mustNotWait: true);

        Assert.Equal((50_000, 51_000), ((await held).FirstSeq, decision.FirstSeq));
    }

    [Fact]
    public async Task Nothing_waits_before_sealing_has_said_where_it_stands_nor_when_it_fails()
    {
        (JournalSequencer sequencer, Slowdown slowdown) = Make(size: 1_000_000);
        Assert.Equal(AppendStatus.Accepted, (await sequencer.AppendAsync(Request())).Status);

        slowdown.Sealed(0);
        Task<AppendResult> held = sequencer.AppendAsync(Request());
        Assert.False(held.IsCompleted);
        slowdown.SealingFailed();
        Assert.Equal(AppendStatus.Accepted, (await held).Status);
        Assert.Equal(AppendStatus.Accepted, (await sequencer.AppendAsync(Request())).Status);

        slowdown.Sealed(8000); // it works again
        Assert.True(slowdown.IsActive);
    }

    [Fact]
    public void Large_events_are_limited_by_their_bytes()
    {
        Slowdown slowdown = new(_limits, _instruments, _time, 0);
        slowdown.Sealed(0);
        for (int i = 1; i <= 64; i++)
        {
            Assert.False(slowdown.IsActive);
            Assert.Equal(i > 8, slowdown.IsRipe);
            slowdown.Appended(i, 1 << 20);
        }

        slowdown.Appended(65, 1 << 20);
        Assert.True(slowdown.IsActive);
        slowdown.Sealed(60);
        Assert.False(slowdown.IsActive);
        slowdown.Sealed(60); // nothing was ripe
        Assert.False(slowdown.IsRipe);
        slowdown.Appended(66, 8 << 20);
        Assert.True(slowdown.IsRipe);
    }

    private (JournalSequencer Sequencer, Slowdown Slowdown) Make(long size = 0)
    {
        Slowdown slowdown = new(_limits, _instruments, _time, size);
        return (new JournalSequencer(_writer, new JournalHead(Tenant, 1, size, []), _limits, _instruments, slowdown, new Company(_limits, _time)), slowdown);
    }

    private static PendingAppend Request() => new([new Segment(Events, 1, 1, 1, new byte[100], new byte[32], default)], default, [], default);

    /// <summary>Keeps nothing; commits at once.</summary>
    private sealed class MemoryWriter : IJournalWriter
    {
        public int Commits { get; private set; }

        public ValueTask<JournalHead> AcquireAsync(TenantId tenant, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<CommitOutcome> CommitAsync(JournalHead head, IReadOnlyList<PendingAppend> group, CancellationToken cancellationToken)
        {
            Commits++;
            ImmutableArray<CommittedAppend> results =
                [.. group.Select((_, i) => new CommittedAppend(CommittedKind.Stored, head.Size + (i * Events), head.Size + ((i + 1) * Events) - 1, default, []))];
            return ValueTask.FromResult(new CommitOutcome(CommitStatus.Committed, head with { Size = head.Size + (group.Count * Events) }, results, null));
        }

        public ValueTask<long> SealAsync(JournalHead head, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
