namespace Muniment.Grains.Budgets;

/// <summary>What was used at a time.</summary>
/// <param name="TimeMs">Unix ms.</param>
/// <param name="Amount">How much, in the limit's unit.</param>
public readonly record struct BudgetUse(long TimeMs, long Amount);
