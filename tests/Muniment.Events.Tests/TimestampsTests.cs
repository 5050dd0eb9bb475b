using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Muniment.Events.Tests;

public sealed class TimestampsTests
{
    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0)]
    [InlineData("2026-11-21T10:02:20.123456789Z", 1795255340123456789)]
    [InlineData("2026-11-21T12:02:20.1+02:00", 1795255340100000000)]
    [InlineData("2026-11-20t23:32:20-10:30", 1795255340000000000)]
    [InlineData("2026-11-21 10:02:20z", 1795255340000000000)]
    [InlineData("2016-12-31T23:59:60Z", 1483228800000000000)]
    [InlineData("2262-04-11T23:47:15.999999999Z", 9223372035999999999)]
    public void Reads(string text, long expected)
    {
        Assert.True(Timestamps.TryParse(Encoding.ASCII.GetBytes(text), out long ns));
        Assert.Equal(expected, ns);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-21")]
    [InlineData("2026-11-21T10:02:20")]
    [InlineData("2026-11-21T10:02Z")]
    [InlineData("2026-02-29T10:02:20Z")]
    [InlineData("2026-13-01T10:02:20Z")]
    [InlineData("2026-11-21T24:00:00Z")]
    [InlineData("2026-11-21T10:60:00Z")]
    [InlineData("2026-11-21T10:02:61Z")]
    [InlineData("2026-11-21T10:02:20.Z")]
    [InlineData("2026-11-21T10:02:20.1234567891Z")]
    [InlineData("2026-11-21T10:02:20+0200")]
    [InlineData("2026-11-21T10:02:20+24:00")]
    [InlineData("1969-12-31T23:59:59Z")]
    [InlineData("9999-12-31T23:59:59Z")]
    [InlineData("2262-04-12T00:00:00Z")]
    [InlineData("2026-11-21T10:02:20Z ")]
    [InlineData("２026-11-21T10:02:20Z")]
    public void Refuses(string text) => Assert.False(Timestamps.TryParse(text, out _));

    [Fact]
    public void WritesWhatItReads() => Prop.ForAll((DoNotSize<long> any) =>
    {
        long ns = (any.Item & long.MaxValue) % 9_223_372_035_000_000_000;
        string text = Timestamps.Format(ns);
        return text.Length == Timestamps.SizeBytes && Timestamps.TryParse(text, out long back) && back == ns;
    }).QuickCheckThrowOnFailure();
}
