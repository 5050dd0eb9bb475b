using Muniment.Journal.Sealing;

namespace Muniment.Journal.Tests.Sealing;

public sealed class SealerThreadTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("1234567 89000 12\n", 890)]
    [InlineData("0 0 0", 0)]
    [InlineData("", 0)]
    [InlineData("1 2", 0)]
    [InlineData("1 -2 3", 0)]
    public void The_time_a_thread_had_to_wait_is_the_second_number(string line, long ticks) => Assert.Equal(ticks, RunDelay.Parse(line).Ticks);

    [Fact]
    public async Task Patient_work_rests_after_it_had_to_wait_for_a_processor_while_urgent_work_goes_on()
    {
        TimeSpan waited = TimeSpan.Zero;
        using SealerThread thread = new(() => waited);
        await thread.Enqueue(1, urgent: false, () => Wait(TimeSpan.FromHours(1))).WaitAsync(Limit); // the rest is a second at most

        Task<long> patient = thread.Enqueue(2, urgent: false, () => 2);
        Assert.Equal(3, await thread.Enqueue(3, urgent: true, () => 3).WaitAsync(Limit));
        Assert.Equal(2, await patient.WaitAsync(Limit));

        long Wait(TimeSpan delay)
        {
            waited += delay;
            return 1;
        }
    }

    [Fact]
    public async Task An_end_does_not_wait_for_the_rest()
    {
        TimeSpan waited = TimeSpan.Zero;
        SealerThread thread = new(() => waited);
        await thread.Enqueue(1, urgent: false, () => (waited += TimeSpan.FromHours(1)).Ticks).WaitAsync(Limit);
        await Task.Run(thread.Dispose).WaitAsync(Limit);
    }

    [Fact]
    public async Task Asking_again_while_work_waits_gets_the_same_task()
    {
        using SealerThread thread = new();
        using ManualResetEventSlim first = new();
        Task<long> busy = thread.Enqueue(1, urgent: false, () => first.Wait(Limit) ? 1 : 0);
        Task<long> waiting = thread.Enqueue(2, urgent: false, () => 2);
        Assert.Same(waiting, thread.Enqueue(2, urgent: true, () => 3));
        first.Set();
        Assert.Equal(1, await busy.WaitAsync(Limit));
        Assert.Equal(2, await waiting.WaitAsync(Limit));
    }
}
