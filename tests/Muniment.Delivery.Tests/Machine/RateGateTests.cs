using FsCheck;
using FsCheck.Fluent;
using Muniment.Delivery.Machine;

namespace Muniment.Delivery.Tests.Machine;

public sealed class RateGateTests
{
    [Fact]
    public void Over_any_time_no_more_goes_out_than_the_rate_a_second_and_one_request_over()
    {
        Prop.ForAll(
            ArbMap.Default.ArbFor<int>().Generator.Select(s => new Random(s)).ToArbitrary(),
            random =>
            {
                const int Rate = 100, Largest = 250;
                RateGate gate = new();
                DateTimeOffset start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), now = start;
                List<(DateTimeOffset At, int Count)> sent = [];
                for (int i = 0; i < 200; i++)
                {
                    now += TimeSpan.FromMilliseconds(random.Next(200));
                    if (gate.Opens <= now)
                    {
                        int count = random.Next(1, Largest);
                        gate.Took(count, count * 10L, Rate, 0, now);
                        sent.Add((now, count));
                    }
                }

                for (int i = 0; i < sent.Count; i++)
                {
                    long total = 0;
                    for (int k = i; k < sent.Count; k++)
                    {
                        total += sent[k].Count;
                        Assert.True(total <= (Rate * ((sent[k].At - sent[i].At).TotalSeconds + 1)) + Largest);
                    }
                }

                return true;
            }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_tighter_of_the_two_limits_counts()
    {
        RateGate gate = new();
        DateTimeOffset now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        gate.Took(10, 10_000, 1000, 1000, now);
        Assert.Equal(now + TimeSpan.FromSeconds(9), gate.Opens);
    }

    [Fact]
    public void Without_limits_it_is_open()
    {
        RateGate gate = new();
        gate.Took(1_000_000, 1_000_000_000, 0, 0, DateTimeOffset.MaxValue);
        Assert.Equal(DateTimeOffset.MinValue, gate.Opens);
    }
}
