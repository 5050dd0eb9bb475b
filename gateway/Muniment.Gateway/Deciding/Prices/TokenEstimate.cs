namespace Muniment.Gateway.Deciding.Prices;

/// <summary>Tokens that a call may use at most.</summary>
/// <param name="Input">Input of all kinds.</param>
/// <param name="Output">Output of all choices.</param>
internal readonly record struct TokenEstimate(long Input, long Output)
{
    /// <summary>Both.</summary>
    public long Total => Input + Output;

    /// <summary>Those of two calls.</summary>
    public static TokenEstimate operator +(TokenEstimate one, TokenEstimate other) => new(one.Input + other.Input, one.Output + other.Output);
}
