using Muniment.Events;
using Muniment.Grains.Journal;

namespace Muniment.Cluster.Tests.Sessions;

public class CoalescedHintsTests
{
    private static readonly TenantId s_acme = TenantId.Parse("acme");
    private static readonly TenantId s_other = TenantId.Parse("other");

    [Fact]
    public void Many_hints_of_a_tenant_are_one_and_after_it_the_next_one_is_heard()
    {
        var time = new Timers();
        var said = new List<TenantId>();
        var hints = new CoalescedHints(said.Add, TimeSpan.FromSeconds(1), time);
        hints.Advanced(s_acme, 1);
        hints.Advanced(s_acme, 2);
        hints.Advanced(s_other, 1);
        Assert.Empty(said);
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)], time.Ring());
        Assert.Equal([s_acme, s_other], said);

        Assert.Empty(time.Ring());
        hints.Advanced(s_acme, 3);
        Assert.Single(time.Ring());
        Assert.Equal([s_acme, s_other, s_acme], said);
        Assert.Equal(2, time.Made);
    }

    /// <summary>Timers that ring when the test says so.</summary>
    private sealed class Timers : TimeProvider
    {
        private readonly List<Timer> timers = [];

        public int Made => timers.Count;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            timers.Add(new Timer(() => callback(state)) { Due = dueTime });
            return timers[^1];
        }

        /// <summary>Rings those that are set; the times they were set to.</summary>
        public List<TimeSpan> Ring()
        {
            var due = new List<TimeSpan>();
            foreach (Timer timer in timers.Where(timer => timer.Due != Timeout.InfiniteTimeSpan))
            {
                due.Add(timer.Due);
                timer.Due = Timeout.InfiniteTimeSpan;
                timer.Callback();
            }

            return due;
        }

        private sealed class Timer(Action callback) : ITimer
        {
            public Action Callback => callback;

            public TimeSpan Due { get; set; }

            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                Due = dueTime;
                return true;
            }

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }
}
