using System.Globalization;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Tests.Outcomes;

public sealed class OutcomeTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Theory]
    [InlineData("3", 3000)]
    [InlineData("0", 100)]
    [InlineData("1.5", 1500)]
    [InlineData("99999999", 300_000)]
    [InlineData("Wed, 04 Mar 2026 05:06:17 GMT", 10_000)]
    [InlineData("Wed, 04 Mar 2026 05:00:00 GMT", 100)]
    [InlineData("Thu, 04 Mar 2027 05:06:07 GMT", 300_000)]
    public void Retry_after_is_read_in_both_forms_and_clamped(string value, int ms) => Assert.Equal(ms, RetryAfter.Parse(value, Now)!.Value.TotalMilliseconds);

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("-5")]
    [InlineData(null)]
    public void A_retry_after_that_says_nothing_is_left_to_backoff(string? value) => Assert.Null(RetryAfter.Parse(value, Now));

    [Fact]
    public void Backoff_stays_within_its_bounds()
    {
        Random random = new(3);
        for (int failures = 1; failures < 200; failures++)
        {
            TimeSpan bound = TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, Math.Min(failures - 1, 10))));
            for (int i = 0; i < 20; i++)
            {
                Assert.InRange(Backoff.Next(failures, random.NextDouble()), Backoff.Least, bound);
            }

            Assert.True(Backoff.Next(failures, 0.999_999) > bound * 0.99);
        }
    }

    [Fact]
    public void Words_of_the_other_side_are_cleaned()
    {
        Assert.Equal("a b c", HttpOutcome.Clean("a\r\nb\u001bc".Replace("\r\n", "\n", StringComparison.Ordinal)));
        Assert.Equal(HttpOutcome.MaxTextLength, HttpOutcome.Clean(new string('x', 5000)).Length);
        Assert.DoesNotContain('\u202e', HttpOutcome.Clean("a\u202eb"));
        Assert.Equal("", HttpOutcome.Clean(null));
        Assert.True(Now.Year.ToString(CultureInfo.InvariantCulture).Length == 4);
    }
}
