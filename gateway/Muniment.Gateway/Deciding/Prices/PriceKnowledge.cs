namespace Muniment.Gateway.Deciding.Prices;

/// <summary>Whether it is known what a call costs.</summary>
public enum PriceKnowledge
{
    /// <summary>It is, or nothing is to be paid for.</summary>
    Known,
    /// <summary>It is not; only what the upstream reports will be counted.</summary>
    Unknown,
    /// <summary>It is not, and a limit in dollars does not let it pass.</summary>
    Refused,
}
