namespace Muniment.Gateway.Deciding.Prices;

/// <summary>The price of a model, in US dollars for a million tokens.</summary>
public sealed class ModelPriceOptions
{
    /// <summary>Highest price that is taken for one.</summary>
    public const decimal MaxPrice = 1_000_000;

    /// <summary>The model's name, with <c>*</c> and <c>?</c>; case does not count.</summary>
    public string Model { get; set; } = "";

    /// <summary>Name of the upstream, likewise; all upstreams when it is left out.</summary>
    public string Upstream { get; set; } = "*";

    /// <summary>Input that neither came from nor went into a cache.</summary>
    public decimal? Input { get; set; }

    /// <summary>Output, reasoning included.</summary>
    public decimal? Output { get; set; }

    /// <summary>Input read from a cache; as <see cref="Input"/> when it is left out.</summary>
    public decimal? CacheRead { get; set; }

    /// <summary>Input written to a cache; as <see cref="Input"/> when it is left out.</summary>
    public decimal? CacheWrite { get; set; }

    /// <summary>The first thing that is wrong, or null.</summary>
    internal string? Fault() =>
        Model.Length is 0 or > 256 ? "Model: expected the name of a model, such as gpt-4o*"
        : Upstream.Length is 0 or > 256 ? "Upstream: expected the name of an upstream, or *"
        : Wrong(Input, isNeeded: true) ? Expected("Input")
        : Wrong(Output, isNeeded: true) ? Expected("Output")
        : Wrong(CacheRead, isNeeded: false) ? Expected("CacheRead")
        : Wrong(CacheWrite, isNeeded: false) ? Expected("CacheWrite")
        : null;

    private static bool Wrong(decimal? price, bool isNeeded) => price is { } given ? given is < 0 or > MaxPrice : isNeeded;

    private static string Expected(string name) => $"{name}: expected US dollars for a million tokens, 0 to {MaxPrice}";
}
