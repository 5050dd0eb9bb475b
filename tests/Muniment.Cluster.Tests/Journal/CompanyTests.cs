using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Grains.Journal;
using Muniment.Journal;
using Muniment.Messages.Journal;

namespace Muniment.Cluster.Tests.Journal;

/// <summary>Small appends of many callers go together; who appends alone, or much, never waits.</summary>
public sealed class CompanyTests : IDisposable
{
    private readonly JournalInstruments _instruments = new();
    private readonly TimerTime _time = new();
    private readonly HeldWriter _writer = new();
    private readonly JournalLimits _limits = new() { MaxCompanyMs = 1, MaxCompanyBytes = 10_000 };
    private readonly Company _company;
    private readonly JournalSequencer _sequencer;

    public CompanyTests()
    {
        _company = new Company(_limits, _time);
        _sequencer = new JournalSequencer(_writer, new JournalHead(TenantId.Default, 1, 0, []), _limits, _instruments, new Slowdown(_limits, _instruments, _time, 0), _company);
    }

    public void Dispose() => _instruments.Dispose();

    [Fact]
    public Task After_a_group_of_several_the_next_waits_until_as_many_have_come() => InTurnsAsync(async () =>
    {
        await GroupOfAsync(6);
        Task<AppendResult>[] next = [.. Enumerable.Range(0, 5).Select(_ => Append())];
        Assert.False(_writer.IsAsked);
        Task<AppendResult> sixth = Append();
        Assert.Equal(6, await _writer.LetGoAsync());
        Assert.All(await Task.WhenAll([.. next, sixth]), result => Assert.Equal(AppendStatus.Accepted, result.Status));
    });

    [Fact]
    public Task It_waits_no_longer_than_it_may() => InTurnsAsync(async () =>
    {
        await GroupOfAsync(6);
        Task<AppendResult> lone = Append();
        Assert.False(_writer.IsAsked);
        _time.Fire();
        Assert.Equal(1, await _writer.LetGoAsync());
        Assert.Equal(AppendStatus.Accepted, (await lone).Status);

        // And then it is known to be alone.
        Task<AppendResult> second = Append();
        Assert.Equal(1, await _writer.LetGoAsync());
        await second;
    });

    [Fact]
    public Task Something_large_goes_at_once_and_takes_along_who_waits() => InTurnsAsync(async () =>
    {
        await GroupOfAsync(6);
        Task<AppendResult> small = Append();
        Assert.False(_writer.IsAsked);
        Task<AppendResult> large = Append(20_000);
        Assert.Equal(2, await _writer.LetGoAsync());
        await Task.WhenAll(small, large);
    });

    [Fact]
    public Task Few_never_wait() => InTurnsAsync(async () =>
    {
        await GroupOfAsync(3);
        Task<AppendResult> one = Append();
        Assert.Equal(1, await _writer.LetGoAsync());
        await one;
    });

    [Fact]
    public Task It_can_be_switched_off() => InTurnsAsync(async () =>
    {
        _limits.MaxCompanyMs = 0;
        await GroupOfAsync(6);
        Task<AppendResult> one = Append();
        Assert.Equal(1, await _writer.LetGoAsync());
        await one;
    });

    [Fact]
    public Task An_end_leaves_nobody_waiting() => InTurnsAsync(async () =>
    {
        await GroupOfAsync(6);
        Task<AppendResult> waiting = Append();
        Assert.False(_writer.IsAsked);
        _company.Dispose(); // its timer fires no more
        Assert.Equal(1, await _writer.LetGoAsync());
        await waiting;

        await GroupOfAsync(6);
        Task<AppendResult> later = Append();
        Assert.Equal(1, await _writer.LetGoAsync());
        await later;
    });

    // The sequencer belongs to an activation: one turn at a time.
    private static Task InTurnsAsync(Func<Task> test) =>
        Task.Factory.StartNew(test, CancellationToken.None, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

    // The first goes alone; the others come while it is being written, and are the next group.
    private async Task GroupOfAsync(int requests)
    {
        Task<AppendResult> first = Append();
        Task<AppendResult>[] others = [.. Enumerable.Range(0, requests).Select(_ => Append())];
        Assert.Equal(1, await _writer.LetGoAsync());
        await first;
        Assert.Equal(requests, await _writer.LetGoAsync());
        await Task.WhenAll(others);
    }

    private Task<AppendResult> Append(int sizeBytes = 100) =>
        _sequencer.AppendAsync(new PendingAppend([new Segment(1, 1, 1, 1, new byte[sizeBytes], new byte[32], default)], default, [], default));

    /// <summary>Commits when told.</summary>
    private sealed class HeldWriter : IJournalWriter
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
        private readonly SemaphoreSlim _asked = new(0);
        private TaskCompletionSource? _held;
        private int _count;

        public bool IsAsked => _asked.CurrentCount > 0;

        public async Task<int> LetGoAsync()
        {
            Assert.True(await _asked.WaitAsync(Patience));
            int count = _count;
            _held!.SetResult();
            return count;
        }

        public async ValueTask<CommitOutcome> CommitAsync(JournalHead head, IReadOnlyList<PendingAppend> group, CancellationToken cancellationToken)
        {
            _count = group.Count;
            _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _asked.Release();
            await _held.Task;
            ImmutableArray<CommittedAppend> results = [.. group.Select((_, i) => new CommittedAppend(CommittedKind.Stored, head.Size + i, head.Size + i, default, []))];
            return new CommitOutcome(CommitStatus.Committed, head with { Size = head.Size + group.Count }, results, null);
        }

        public ValueTask<JournalHead> AcquireAsync(TenantId tenant, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> SealAsync(JournalHead head, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
