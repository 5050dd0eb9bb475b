using System.IO.Enumeration;
using Microsoft.Extensions.Options;
using Muniment.Events.Canonical;

namespace Muniment.Gateway.Deciding.Prices;

/// <summary>Makes dollars of tokens. Immutable.</summary>
internal sealed class PriceTable(IOptions<PriceOptions> options)
{
    private const decimal Million = 1_000_000;

    private readonly ModelPriceOptions[] _models = [.. options.Value.Models];

    /// <summary>What an unknown price means for a limit in dollars.</summary>
    public PriceKnowledge Unknown { get; } = options.Value.Unknown is "deny" ? PriceKnowledge.Refused : PriceKnowledge.Unknown;

    /// <summary>Most that a call may cost; null when there is no price. What of the input will come from a cache nobody knows yet.</summary>
    public decimal? Estimate(string upstream, string? model, in TokenEstimate tokens) => Find(upstream, model) is not { } price ? null
        : ((Math.Max(price.Input!.Value, Math.Max(price.CacheRead ?? 0, price.CacheWrite ?? 0)) * tokens.Input) + (price.Output!.Value * tokens.Output)) / Million;

    /// <summary>What a call has cost, by the first of these names that has a price; null when none has.</summary>
    public decimal? Cost(string upstream, UsagePart usage, params ReadOnlySpan<string?> models)
    {
        foreach (string? model in models)
        {
            if (Find(upstream, model) is { } price)
            {
                decimal input = price.Input!.Value;
                return ((input * (usage.Input ?? 0)) + ((price.CacheRead ?? input) * (usage.CacheRead ?? 0)) + ((price.CacheWrite ?? input) * (usage.CacheWrite ?? 0)) + (price.Output!.Value * (usage.Output ?? 0))) / Million;
            }
        }

        return null;
    }

    private ModelPriceOptions? Find(string upstream, string? model)
    {
        if (model is null)
        {
            return null;
        }

        foreach (ModelPriceOptions price in _models)
        {
            if (FileSystemName.MatchesSimpleExpression(price.Model, model) && FileSystemName.MatchesSimpleExpression(price.Upstream, upstream))
            {
                return price;
            }
        }

        return null;
    }
}
