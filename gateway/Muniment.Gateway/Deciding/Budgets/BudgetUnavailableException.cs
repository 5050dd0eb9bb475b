namespace Muniment.Gateway.Deciding.Budgets;

/// <summary>A budget gave no answer, so whether there is room is not known: 503, nothing passes.</summary>
public sealed class BudgetUnavailableException(string key, Exception? inner) : Exception($"the limit {key} cannot be asked at the moment", inner);
