using System.Text;
using static Muniment.Policy.Tests.Predicates.Sample;

namespace Muniment.Policy.Tests.Predicates;

public sealed class EncodingAndTimeTests
{
    /// <summary>What PowerShell's -EncodedCommand holds.</summary>
    [Theory]
    [InlineData("wide")]
    [InlineData("utf16le")]
    public void WideTextsAreFoundInBase64(string encoding)
    {
        foreach (string before in (string[])["", "x", "xy"])
        {
            string encoded = Convert.ToBase64String(Encoding.Unicode.GetBytes(before + "Invoke-Expression" + before));
            Assert.True(Matches($$"""{"target|{{encoding}}|base64offset|contains":"Invoke-Expression"}""", $"\"target\":{Quote(encoded)}"));
        }
    }

    [Fact]
    public void TheOtherEncodings()
    {
        Assert.True(Matches("""{"target|utf16be|base64":"ab"}""", $"\"target\":{Quote(Convert.ToBase64String(Encoding.BigEndianUnicode.GetBytes("ab")))}"));
        Assert.True(Matches("""{"target|utf16|base64":"ab"}""", $"\"target\":{Quote(Convert.ToBase64String([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("ab")]))}"));
    }

    [Theory]
    [InlineData("""{"ts|hour":22}""", true)]
    [InlineData("""{"ts|hour":[1,22]}""", true)]
    [InlineData("""{"ts|hour|gte":20}""", true)]
    [InlineData("""{"ts|hour|lt":20}""", false)]
    [InlineData("""{"ts|minute":2}""", true)]
    [InlineData("""{"ts|day":21}""", true)]
    [InlineData("""{"ts|week":47}""", true)]
    [InlineData("""{"ts|month|neq":11}""", false)]
    [InlineData("""{"ts|year|lte":2026}""", true)]
    [InlineData("""{"details.at|hour":4}""", true)]
    [InlineData("""{"details.none|hour":4}""", false)]
    public void PartsOfATimeAreUtc(string where, bool expected) =>
        Assert.Equal(expected, Matches(where, "\"ts\":\"2026-11-22T00:02:20+02:00\",\"details\":{\"at\":\"2026-01-01T04:00:00Z\"}"));

    [Theory]
    [InlineData("""{"target|wide":"x"}""", "goes with base64")]
    [InlineData("""{"target|wide|utf16be|base64":"x"}""", "goes with base64")]
    [InlineData("""{"target|hour":5}""", "which target is not")]
    [InlineData("""{"ts|hour":"five"}""", "expected a whole number")]
    [InlineData("""{"ts|hour|day":5}""", "one of minute")]
    [InlineData("""{"ts|hour|contains":5}""", "one of minute")]
    public void WhatDoesNotGoTogetherIsSaid(string where, string message) => Assert.Contains(message, Error(where), StringComparison.Ordinal);
}
