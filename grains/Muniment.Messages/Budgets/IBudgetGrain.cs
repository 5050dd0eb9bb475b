namespace Muniment.Messages.Budgets;

/// <summary>
/// One window of one limit for one subject (key: <c>tenant/limit/subject/window</c>, the part after the tenant as <c>BudgetKey</c> makes it). Hands out leases and keeps count. It stores nothing: what
/// was used follows from the decision events, which it counts again when it begins and when a gateway with a lease has been silent for too long.
/// </summary>
[Alias("muniment.budget")]
public interface IBudgetGrain : IGrainWithStringKey
{
    /// <summary>Tells what was used, gives back what is not needed, and asks for more. Asking again with a higher number after a lost answer does no harm.</summary>
    [Alias("take")]
    Task<BudgetGrant> Take(BudgetAsk ask);
}
