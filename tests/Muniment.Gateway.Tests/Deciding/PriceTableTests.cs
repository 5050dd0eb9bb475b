using Microsoft.Extensions.Configuration;
using Muniment.Events.Canonical;
using Muniment.Gateway.Deciding.Prices;

namespace Muniment.Gateway.Tests.Deciding;

/// <summary>Dollars of tokens by the operator's own list.</summary>
public sealed class PriceTableTests
{
    private static readonly UsagePart Usage = new() { Input = 1000, CacheRead = 2000, CacheWrite = 100, Output = 500, Reasoning = 400 };

    [Fact]
    public void The_first_entry_that_fits_model_and_upstream_counts()
    {
        PriceTable table = Table(
            ("Models:0:Model", "gpt-4o-mini*"), ("Models:0:Input", "0.15"), ("Models:0:Output", "0.6"),
            ("Models:1:Model", "GPT-4O*"), ("Models:1:Upstream", "azure"), ("Models:1:Input", "5"), ("Models:1:Output", "20"),
            ("Models:2:Model", "gpt-4o*"), ("Models:2:Input", "2.5"), ("Models:2:CacheRead", "1.25"), ("Models:2:CacheWrite", "3"), ("Models:2:Output", "10"));
        Assert.Equal((1000 + 2000 + 100) * 0.15m / 1_000_000 + (500 * 0.6m / 1_000_000), table.Cost("oai", Usage, "gpt-4o-mini-2024"));
        Assert.Equal(((1000 + 2000 + 100) * 5m + (500 * 20m)) / 1_000_000, table.Cost("azure", Usage, "gpt-4o-2024-08-06"));
        Assert.Equal(((1000 * 2.5m) + (2000 * 1.25m) + (100 * 3m) + (500 * 10m)) / 1_000_000, table.Cost("oai", Usage, "gpt-4o-2024-08-06"));
        Assert.Equal(table.Cost("oai", Usage, "gpt-4o"), table.Cost("oai", Usage, null, "unknown", "gpt-4o"));
        Assert.Null(table.Cost("oai", Usage, "o3", null));
        Assert.Equal(((100 * 3m) + (50 * 10m)) / 1_000_000, table.Estimate("oai", "gpt-4o", new TokenEstimate(100, 50))); // at its dearest
        Assert.Null(table.Estimate("oai", null, new TokenEstimate(100, 50)));
        Assert.Equal(PriceKnowledge.Unknown, table.Unknown);
        Assert.Equal(PriceKnowledge.Refused, Table(("Unknown", "deny")).Unknown);
    }

    [Theory]
    [InlineData("Unknown", "maybe", "Prices:Unknown is maybe; expected allow or deny")]
    [InlineData("Models:0:Model", "m", "Prices:Models:0:Input: expected US dollars")]
    [InlineData("Models:0:Output", "1", "Prices:Models:0:Model: expected the name")]
    public void What_is_wrong_is_named(string key, string value, string expected) =>
        Assert.StartsWith(expected, new PriceOptionsValidator().Validate(null, Options((key, value))).FailureMessage);

    [Fact]
    public void A_price_below_zero_is_wrong() => Assert.Contains(
        "Models:0:CacheRead", new PriceOptionsValidator().Validate(null, Options(("Models:0:Model", "m"), ("Models:0:Input", "1"), ("Models:0:Output", "1"), ("Models:0:CacheRead", "-1"))).FailureMessage);

    private static PriceTable Table(params (string Key, string Value)[] settings) => new(Microsoft.Extensions.Options.Options.Create(Options(settings)));

    private static PriceOptions Options(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(PriceOptions.Section + ":" + s.Key, s.Value))).Build().GetSection(PriceOptions.Section).Get<PriceOptions>()!;
}
