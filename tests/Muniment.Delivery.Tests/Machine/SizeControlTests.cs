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
    public void What_is_refused_is_not_tried_again()
    {
        SizeControl control = new(int.MaxValue);
        Assert.Equal(Most, control.Limit(Most));
        control.Refused(Most);
        control.Refused(Most / 2); // the halves too
        Assert.Equal(Most / 4, control.Limit(Most));
        Assert.DoesNotContain(true, Enumerable.Range(0, 100).Select(_ => control.Taken(Most / 4, Most)));
        Assert.Equal(Most / 4, control.Limit(Most));
    }

    [Fact]
    public void One_event_that_is_too_large_makes_no_request_smaller_than_those_that_were_taken()
    {
        SizeControl control = new(1_000_000);
        control.Taken(990_000, Most);
        for (int size = 999_000; size > 2000; size /= 2)
        {
            control.Refused(size);
        }

        Assert.Equal(990_000, control.Limit(Most));
        SizeControl untried = new(1_000_000);
        untried.Refused(2000);
        Assert.Equal(SizeControl.LeastBytes, untried.Limit(Most));
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
    [InlineData("https://splunk.example.com:8088", 4_000_000)]
    public void Splunk_Cloud_gets_what_it_asks_for(string endpoint, int most)
    {
        DestinationConfig config = Fixtures.Config($$$"""{"id":"d","kind":"splunk_hec","endpoint":"{{{endpoint}}}","credential":{"token":"t"}}""", out _);
        Assert.Equal((most, 1_000_000), (config.Batch.MaxBytes, config.Batch.FirstBytes));
        config = Fixtures.Config($$$"""{"id":"d","kind":"splunk_hec","endpoint":"{{{endpoint}}}","credential":{"token":"t"},"batch":{"max_bytes":3000000}}""", out _);
        Assert.Equal((3_000_000, 1_000_000), (config.Batch.MaxBytes, config.Batch.FirstBytes));
    }
}
