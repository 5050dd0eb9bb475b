using Muniment.Delivery.Machine;

namespace Muniment.Delivery.Tests.Machine;

/// <summary>The learned limit against destinations that are simulated in time: what they bear is known, and the limit must come near it.</summary>
public sealed class ConcurrencyControlTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void It_grows_to_what_is_allowed_when_nothing_pushes_back()
    {
        ConcurrencyControl control = new(0);
        Assert.Equal(1, control.Limit);
        Play(control, 16, 200, _ => (false, 50));
        Assert.Equal(16, control.Limit);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(12)]
    public void It_stays_near_what_the_destination_bears_when_that_pushes_back(int bears)
    {
        ConcurrencyControl control = new(0);
        double[] limits = Play(control, 16, 500, inFlight => (inFlight > bears, 50));
        Assert.InRange(limits.Skip(100).Average(), bears * 0.75, bears + 1.0);
        Assert.True(limits.Skip(100).Max() < bears + 2);
        Assert.InRange(limits.Skip(100).Count(l => (int)l > bears), 1, 100); // of 400: it tries again and again, and not too often
    }

    [Fact]
    public void It_stays_near_what_the_destination_bears_when_that_only_grows_slower()
    {
        ConcurrencyControl control = new(0);
        double[] limits = Play(control, 16, 400, inFlight => (false, inFlight <= 4 ? 50 : 50 * Math.Pow(1.6, inFlight - 4)));
        Assert.InRange(limits.Skip(100).Average(), 2.5, 8);
    }

    [Fact]
    public void A_limit_that_was_never_reached_does_not_grow()
    {
        ConcurrencyControl control = new(5);
        DateTimeOffset now = Start;
        for (int i = 0; i < 100; i++)
        {
            control.Started(2);
            now += TimeSpan.FromMilliseconds(50);
            control.Ended(false, TimeSpan.FromMilliseconds(50), now, 16);
        }

        Assert.Equal(5, control.Limit);
    }

    [Fact]
    public void It_never_falls_below_one_and_recovers()
    {
        ConcurrencyControl control = new(8);
        Play(control, 16, 100, _ => (true, 50));
        Assert.Equal(1, control.Limit);
        Play(control, 16, 200, _ => (false, 50));
        Assert.Equal(16, control.Limit);
    }

    [Fact]
    public void A_smaller_configuration_is_kept_to_at_once() // the machine takes the smaller of both until the next round ends
    {
        ConcurrencyControl control = new(16);
        Play(control, 4, 3, _ => (false, 50));
        Assert.True(control.Limit <= 4);
    }

    /// <summary>Rounds in which as many requests as allowed go out at once and end together.</summary>
    private static double[] Play(ConcurrencyControl control, int most, int rounds, Func<int, (bool PushedBack, double Ms)> destination)
    {
        double[] limits = new double[rounds];
        DateTimeOffset now = Start;
        for (int round = 0; round < rounds; round++)
        {
            int count = Math.Max(1, Math.Min(most, (int)control.Limit));
            for (int i = 1; i <= count; i++)
            {
                control.Started(i);
            }

            double longest = Enumerable.Range(1, count).Max(i => destination(i).Ms);
            now += TimeSpan.FromMilliseconds(longest + 1);
            for (int i = 1; i <= count; i++)
            {
                (bool pushedBack, _) = destination(i);
                control.Ended(pushedBack, TimeSpan.FromMilliseconds(destination(count).Ms), now, most);
            }

            limits[round] = control.Limit;
        }

        return limits;
    }
}
