using Muniment.Delivery.Configuration;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Machine;

/// <summary>Requests grow while full ones are taken, and a receiver's limit is met once or twice, not by every batch.</summary>
public sealed class SizeControlTests
{
    private const int Most = 4_000_000;

    [Fact]
    public void It_doubles_after_full_requests_up_to_what_is_configured()
    {
        SizeControl control = new(1_000_000);
        List<int> limits = [];
        for (int i = 0; i < 12; i++)
        {
            limits.Add(control.Limit(Most));
            Assert.Equal(i is 3 or 7, control.Taken(limits[^1], Most));
        }

        Assert.Equal([.. Enumerable.Repeat(1_000_000, 4), .. Enumerable.Repeat(2_000_000, 4), .. Enumerable.Repeat(Most, 4)], limits);
    }

    [Fact]
    public void Small_requests_teach_nothing()
    {
        SizeControl control = new(1_000_000);
        Assert.DoesNotContain(true, Enumerable.Range(0, 100).Select(_ => control.Taken(500_000, Most)));
        Assert.Equal(1_000_000, control.Limit(Most));
    }

    [Fact]
    public void What_is_refused_is_tried_again_ever_more_seldom()
    {
        const int Bears = 1_000_000;
        SizeControl control = new(Bears);
        List<int> between = [0];
        for (int i = 0; i < 3000; i++)
        {
            int size = control.Limit(Most);
            if (size > Bears)
            {
                control.Refused(size);
                between.Add(0);
            }
            else
            {
                control.Taken(size, Most);
                between[^1]++;
            }
        }

        Assert.Equal([4, 8, 16, 32, 64, 128, 256, 256], between.Take(8));
        Assert.All(between.Skip(7).SkipLast(1), taken => Assert.Equal(SizeControl.MostTakenBeforeGrowth, taken));
    }

    [Fact]
    public void What_was_taken_once_counts_no_longer_when_it_is_refused()
    {
        SizeControl control = Grown();
        Assert.Equal(3, Send(control, bears: 1_040_000)); // a proxy was put in front: the whole and its halves, then quarters are taken
        int refused = Enumerable.Range(0, 200).Sum(_ => Send(control, bears: 1_040_000));
        Assert.InRange(refused, 4, 6); // after 4, 8, 16, 32, 64
        Assert.Equal(Most / 4, control.Limit(Most));
        for (int i = 0; i < 300; i++)
        {
            Send(control, bears: Most); // and taken away
        }

        Assert.Equal(Most, control.Limit(Most));
    }

    [Fact]
    public void A_try_that_is_taken_makes_the_next_ones_come_soon_again()
    {
        SizeControl control = new(1_000_000);
        for (int i = 0; i < 60; i++)
        {
            Send(control, bears: 1_000_000);
        }

        int needed = 0;
        for (; control.Limit(Most) <= 1_000_000; needed++)
        {
            Send(control, bears: Most);
        }

        Assert.InRange(needed, 1, 64);
        for (int i = 0; i <= SizeControl.TakenBeforeGrowth; i++)
        {
            Send(control, bears: Most);
        }

        Assert.Equal(Most, control.Limit(Most));
    }

    [Theory]
    [InlineData(true, 0.0)]
    [InlineData(true, 0.4)]
    [InlineData(true, 1.0)]
    [InlineData(false, 0.0)] // the first batch after a restart
    [InlineData(false, 0.4)]
    [InlineData(false, 1.0)]
    public void One_event_that_is_too_large_does_not_make_requests_smaller_for_long(bool grown, double at)
    {
        for (int times = 0; times < 3; times++)
        {
            SizeControl control = grown ? Grown() : new SizeControl(1_000_000);
            for (int repeated = 0; repeated <= times; repeated++)
            {
                Bisect(control, control.Limit(Most), at);
                int requests = 0;
                for (; control.Limit(Most) < Most; requests++)
                {
                    Assert.InRange(control.Limit(Most), SizeControl.LeastBytes, Most);
                    control.Taken(control.Limit(Most), Most);
                }

                Assert.InRange(requests, 0, 4 * SizeControl.TakenBeforeGrowth); // four steps from the least
                control.Taken(Most, Most);
            }
        }
    }

    [Fact]
    public void Nothing_makes_requests_smaller_than_the_least()
    {
        SizeControl untried = new(1_000_000);
        untried.Refused(2000);
        Assert.Equal(SizeControl.LeastBytes, untried.Limit(Most));
        Assert.Equal(1024, untried.Limit(1024)); // unless it is configured
    }

    private static SizeControl Grown()
    {
        SizeControl control = new(1_000_000);
        for (int i = 0; i < 10; i++)
        {
            control.Taken(control.Limit(Most), Most);
        }

        Assert.Equal(Most, control.Limit(Most));
        return control;
    }

    /// <summary>One full batch to a receiver that bears so much, halved until it is taken; how many were refused.</summary>
    private static int Send(SizeControl control, int bears, int? size = null)
    {
        int whole = size ?? control.Limit(Most);
        if (whole <= bears)
        {
            control.Taken(whole, Most);
            return 0;
        }

        control.Refused(whole);
        return 1 + Send(control, bears, whole / 2) + Send(control, bears, whole - (whole / 2));
    }

    /// <summary>A batch with one event that is refused, at that share of it: halves are sent in order, as the machine does.</summary>
    private static void Bisect(SizeControl control, int size, double at)
    {
        if (size <= 2000)
        {
            return; // the event alone: a dead letter
        }

        control.Refused(size);
        if (at < 0.5)
        {
            Bisect(control, size / 2, at * 2);
            control.Taken(size / 2, Most);
        }
        else
        {
            control.Taken(size / 2, Most);
            Bisect(control, size / 2, (at * 2) - 1);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_receiver_that_takes_less_refuses_a_few_requests_and_gets_everything(bool strict)
    {
        const int Events = 3000;
        Simulation simulation = new(1, Fixtures.Hec(strict ? "" : ""","order":"relaxed" """)) { MaxBytes = 1_500_000 };
        string text = new('x', 4000);
        for (int i = 0; i < Events; i++)
        {
            simulation.Source.Add(extra: $",\"note\":\"{text}\"");
        }

        await simulation.DrainAsync();
        Assert.Equal(Enumerable.Range(0, Events), simulation.Arrived.Select(a => (int)a.Seq).Order());
        long refused = simulation.Machine.State.Outcomes[(int)Delivery.Outcomes.OutcomeKind.TooLarge];
        Assert.InRange(refused, 1, 6); // the first of two megabytes, and those that were planned before it was answered
        ReceiptChecks.LanesAreWhole(simulation.Receipts, Events);
    }

    [Fact]
    public async Task A_backlog_goes_out_in_ever_larger_requests()
    {
        Simulation simulation = new(1, Fixtures.Hec());
        string text = new('x', 4000);
        for (int i = 0; i < 6000; i++)
        {
            simulation.Source.Add(extra: $",\"note\":\"{text}\"");
        }

        await simulation.DrainAsync();
        Assert.Equal(Enumerable.Range(0, 6000), simulation.Arrived.Select(a => (int)a.Seq)); // in order
        Assert.InRange(simulation.Requests, 10, 20); // 27 of one megabyte
    }

    [Theory]
    [InlineData("https://http-inputs-acme.splunkcloud.com:443", 1_000_000)]
    [InlineData("https://http-inputs-acme.splunkcloudgc.com:443", 1_000_000)]
    [InlineData("https://splunk.example.com:8088", 4_000_000)]
    public void Splunk_Cloud_gets_what_it_asks_for(string endpoint, int most)
    {
        DestinationConfig config = Fixtures.Config($$$"""{"id":"d","kind":"splunk_hec","endpoint":"{{{endpoint}}}","credential":{"token":"t"}}""", out _);
        Assert.Equal((most, 1_000_000), (config.Batch.MaxBytes, config.Batch.FirstBytes));
        config = Fixtures.Config($$$"""{"id":"d","kind":"splunk_hec","endpoint":"{{{endpoint}}}","credential":{"token":"t"},"batch":{"max_bytes":3000000}}""", out _);
        Assert.Equal((3_000_000, 1_000_000), (config.Batch.MaxBytes, config.Batch.FirstBytes));
    }
}
