namespace Muniment.Gateway.Deciding.Prices;

/// <summary>
/// What models cost, section <c>Prices</c>. Nothing is known without it: prices change, differ by contract, and a list of them in a program is wrong soon. Read at start.
/// </summary>
public sealed class PriceOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Prices";

    /// <summary>Most entries.</summary>
    public const int MaxModels = 1000;

    /// <summary>The prices; of several that fit a call the first counts.</summary>
    public IList<ModelPriceOptions> Models { get; } = [];

    /// <summary>
    /// What becomes of a call that a limit in <c>usd</c> covers and whose model is in no entry: <c>allow</c> (only what the upstream reports is counted, and the record says that the price was unknown) or <c>deny</c>.
    /// </summary>
    public string Unknown { get; set; } = "allow";

    /// <summary>The first thing that is wrong, or null.</summary>
    public string? Fault()
    {
        if (Unknown is not ("allow" or "deny"))
        {
            return $"{Section}:Unknown is {Unknown}; expected allow or deny";
        }

        if (Models.Count > MaxModels)
        {
            return $"{Section}:Models has {Models.Count} entries; expected at most {MaxModels}";
        }

        for (int i = 0; i < Models.Count; i++)
        {
            if (Models[i].Fault() is { } fault)
            {
                return $"{Section}:Models:{i}:{fault}";
            }
        }

        return null;
    }
}
