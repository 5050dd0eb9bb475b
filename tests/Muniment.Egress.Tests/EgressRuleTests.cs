using System.Collections.Immutable;
using System.Net;

namespace Muniment.Egress.Tests;

public sealed class EgressRuleTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "any", "10.9.9.9", 443, true)]
    [InlineData("10.0.0.0/8", "any", "11.0.0.1", 443, false)]
    [InlineData("10.0.0.0/8:8088", "any", "10.0.0.1", 8088, true)]
    [InlineData("10.0.0.0/8:8088", "any", "10.0.0.1", 8089, false)]
    [InlineData("acme=10.0.0.0/8", "acme", "10.0.0.1", 1, true)]
    [InlineData("acme=10.0.0.0/8", "other", "10.0.0.1", 1, false)]
    [InlineData("127.0.0.1", "any", "127.0.0.1", 80, true)]
    [InlineData("127.0.0.1:80", "any", "127.0.0.1", 81, false)]
    [InlineData("127.0.0.0/8", "any", "::1", 80, true)]
    [InlineData("[fd00::/8]:443", "any", "fd12::1", 443, true)]
    [InlineData("[fd00::/8]:443", "any", "fd12::1", 444, false)]
    [InlineData("fd00::/8", "any", "fd12::1", 444, true)]
    [InlineData("fd00::/8:444", "any", "fd12::1", 444, true)]
    [InlineData("fd00::1", "any", "fd00::1", 444, true)]
    [InlineData("[fd00::1]:444", "any", "fd00::1", 444, true)]
    [InlineData("acme=[fd00::1]:444", "acme", "fd00::1", 445, false)]
    public void A_rule_opens_what_it_names(string rule, string tenant, string address, int port, bool allowed)
    {
        Assert.True(EgressRule.TryParseList(rule, out ImmutableArray<EgressRule> rules, out _));
        Assert.Equal(allowed, Assert.Single(rules).Allows(tenant, IPAddress.Parse(address), port));
    }

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("example.com")]
    [InlineData("10.0.0.0/8:0")]
    [InlineData("10.0.0.0/8:70000")]
    [InlineData("10.0.0.0/8:")]
    [InlineData("=10.0.0.0/8")]
    [InlineData("[fd00::/8")]
    [InlineData("[fd00::/8]443")]
    public void A_bad_entry_is_named(string entry)
    {
        Assert.False(EgressRule.TryParseList("127.0.0.1," + entry, out _, out string? error));
        Assert.StartsWith($"'{entry}'", error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_list_has_no_rules()
    {
        Assert.True(EgressRule.TryParseList(null, out ImmutableArray<EgressRule> rules, out _));
        Assert.Empty(rules);
        Assert.True(EgressRule.TryParseList(" 10.0.0.0/8 , acme=192.168.0.0/16:514 ,", out rules, out _));
        Assert.Equal(2, rules.Length);
    }
}
