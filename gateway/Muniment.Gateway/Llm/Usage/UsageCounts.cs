using System.Globalization;
using Muniment.Gateway.Llm.Json;

namespace Muniment.Gateway.Llm.Usage;

/// <summary>
/// Tokens of one call, counted once each: <see cref="Input"/> without what came from or went into a cache, <see cref="Reasoning"/> as a part of <see cref="Output"/>.
/// </summary>
internal struct UsageCounts
{
    /// <summary>Input that was neither read from nor written to a cache.</summary>
    public long Input;

    /// <summary>Input read from a cache.</summary>
    public long CacheRead;

    /// <summary>Input written to a cache.</summary>
    public long CacheWrite;

    /// <summary>Output, reasoning included.</summary>
    public long Output;

    /// <summary>The part of the output that was reasoning.</summary>
    public long Reasoning;

    /// <summary>Cost in US dollars as the upstream reports it, or null.</summary>
    public decimal? Cost;

    /// <summary>Whether the upstream said anything.</summary>
    public bool IsKnown;

    /// <summary>All tokens.</summary>
    public readonly long Total => Input + CacheRead + CacheWrite + Output;

    /// <summary>Reads OpenAI's object: cached tokens are a part of the input there.</summary>
    public static UsageCounts OfOpenAi(JsonTape tape, int usage)
    {
        bool chat = tape.Member(usage, "prompt_tokens"u8) >= 0;
        int inputDetails = chat ? tape.Member(usage, "prompt_tokens_details"u8) : tape.Member(usage, "input_tokens_details"u8);
        int outputDetails = chat ? tape.Member(usage, "completion_tokens_details"u8) : tape.Member(usage, "output_tokens_details"u8);
        var counts = new UsageCounts
        {
            CacheRead = Count(tape, inputDetails, "cached_tokens"u8),
            CacheWrite = Count(tape, inputDetails, "cache_write_tokens"u8),
            Output = chat ? Count(tape, usage, "completion_tokens"u8) : Count(tape, usage, "output_tokens"u8),
            Reasoning = Count(tape, outputDetails, "reasoning_tokens"u8),
            Cost = CostOf(tape, usage),
            IsKnown = true,
        };
        counts.Input = Math.Max(0, (chat ? Count(tape, usage, "prompt_tokens"u8) : Count(tape, usage, "input_tokens"u8)) - counts.CacheRead - counts.CacheWrite);
        return counts;
    }

    /// <summary>Takes over Anthropic's object: cached tokens are beside the input, later objects overwrite what they name.</summary>
    public void OverwriteWithAnthropic(JsonTape tape, int usage)
    {
        Overwrite(tape, usage, "input_tokens"u8, ref Input);
        Overwrite(tape, usage, "cache_read_input_tokens"u8, ref CacheRead);
        Overwrite(tape, usage, "cache_creation_input_tokens"u8, ref CacheWrite);
        Overwrite(tape, usage, "output_tokens"u8, ref Output);
        IsKnown = true;
    }

    private static void Overwrite(JsonTape tape, int usage, ReadOnlySpan<byte> name, ref long count)
    {
        if (tape.Number(tape.Member(usage, name)) is >= 0 and long value)
        {
            count = value;
        }
    }

    private static long Count(JsonTape tape, int parent, ReadOnlySpan<byte> name) => Math.Max(0, tape.Number(tape.Member(parent, name)));

    private static decimal? CostOf(JsonTape tape, int usage)
    {
        int cost = tape.Member(usage, "cost"u8);
        return cost >= 0 && tape[cost].Kind is JsonKind.Number && decimal.TryParse(tape.Raw(cost), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal amount) && amount >= 0
            ? amount
            : null;
    }
}
