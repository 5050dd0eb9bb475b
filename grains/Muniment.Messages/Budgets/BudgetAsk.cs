namespace Muniment.Messages.Budgets;

/// <summary>A gateway's word to a budget. Counts are totals since the epoch began, so a lost message loses nothing. Units: tokens, calls, or millionths of a US dollar.</summary>
/// <param name="Spec">The limit.</param>
/// <param name="Holder">Which gateway; unique for each start of one.</param>
/// <param name="Number">Grows with each ask of this holder; an older one that comes late is answered with nothing.</param>
/// <param name="Epoch">The epoch that the totals are of; empty at first.</param>
/// <param name="Granted">What the holder knows it was granted.</param>
/// <param name="Used">What was used of it; may exceed it when calls used more than they had reserved.</param>
/// <param name="Returned">What it gives back.</param>
/// <param name="Want">What it wants now; 0 for nothing.</param>
/// <param name="Least">Less than this is of no use.</param>
[GenerateSerializer, Immutable, Alias("muniment.budget.ask")]
public sealed record BudgetAsk(
    [property: Id(0)] BudgetSpec Spec,
    [property: Id(1)] string Holder,
    [property: Id(2)] long Number,
    [property: Id(3)] string Epoch,
    [property: Id(4)] long Granted,
    [property: Id(5)] long Used,
    [property: Id(6)] long Returned,
    [property: Id(7)] long Want,
    [property: Id(8)] long Least);
