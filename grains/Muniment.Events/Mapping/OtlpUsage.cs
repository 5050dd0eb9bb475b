using Muniment.Events.Otlp;

namespace Muniment.Events.Mapping;

/// <summary>Tokens and money of one record, as the general mapping has them.</summary>
internal readonly record struct OtlpUsage(long? Input, long? Output, long? CacheRead, long? CacheWrite, long? Reasoning, decimal? Cost)
{
    /// <summary>Unit of every cost.</summary>
    public const string Unit = "USD";

    /// <summary>Source of every cost.</summary>
    public const string Source = "reported";

    private static readonly ulong Keys =
        OtlpFields.Bit(OtlpKey.InputTokens) | OtlpFields.Bit(OtlpKey.OutputTokens) | OtlpFields.Bit(OtlpKey.PromptTokens) | OtlpFields.Bit(OtlpKey.CompletionTokens)
        | OtlpFields.Bit(OtlpKey.CacheReadTokens) | OtlpFields.Bit(OtlpKey.CacheCreationTokens) | OtlpFields.Bit(OtlpKey.ReasoningTokens) | OtlpFields.Bit(OtlpKey.UsageCost);

    /// <summary>Reads it; false when there is none.</summary>
    public static bool TryRead(in OtlpFields fields, out OtlpUsage usage)
    {
        usage = default;
        if (!fields.HasAny(Keys))
        {
            return false;
        }

        long? input = fields.Count(OtlpKey.InputTokens, OtlpKey.PromptTokens);
        long? cacheRead = fields.Count(OtlpKey.CacheReadTokens);
        long? cacheWrite = fields.Count(OtlpKey.CacheCreationTokens);

        // By the semantic conventions input_tokens includes the cached ones; a sender whose cached tokens exceed it counts them apart.
        long cached = (cacheRead ?? 0) + (cacheWrite ?? 0);
        usage = new OtlpUsage(
            input >= cached ? input - cached : input, fields.Count(OtlpKey.OutputTokens, OtlpKey.CompletionTokens), cacheRead, cacheWrite,
            fields.Count(OtlpKey.ReasoningTokens), Amount(fields.Attribute(OtlpKey.UsageCost)));
        return usage != default;
    }

    private static decimal? Amount(AnyValueView cost) => cost.Kind switch
    {
        AnyKind.Int => cost.Int,
        AnyKind.Double when Math.Abs(cost.Double) < 1e12 => (decimal)cost.Double,
        _ => null,
    };
}
