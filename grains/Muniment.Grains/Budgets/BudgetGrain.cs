using Microsoft.Extensions.Logging;
using Muniment.Events;
using Muniment.Messages.Budgets;

namespace Muniment.Grains.Budgets;

/// <summary>One budget: a <see cref="BudgetLedger"/> that is made from the decision events and made again when a gateway was lost. Losing this grain loses nothing.</summary>
[GrainType("budget")]
public sealed partial class BudgetGrain(BudgetReader reader, TimeProvider time, ILogger<BudgetGrain> log) : Grain, IBudgetGrain
{
    // Touched on this activation's turns only, one at a time.
    private BudgetLedger? _ledger;

    /// <inheritdoc/>
    public async Task<BudgetGrant> Take(BudgetAsk ask)
    {
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (_ledger is null || _ledger.HasLost(nowMs, ask.Holder))
        {
            string key = this.GetPrimaryKeyString();
            int slash = key.IndexOf('/', StringComparison.Ordinal);
            long start = time.GetTimestamp();
            bool again = _ledger is not null;
            IReadOnlyList<BudgetUse> counted = await reader.CountAsync(TenantId.Parse(key[..slash]), key[(slash + 1)..], ask.Spec, nowMs, CancellationToken.None);
            _ledger = new BudgetLedger(Guid.NewGuid().ToString("N"), counted);
            if (again)
            {
                LogAgain(key, counted.Count, time.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        return _ledger.Take(ask, nowMs);
    }

    [LoggerMessage(4301, LogLevel.Warning, "Budget {Key}: a gateway that held a lease is gone; counted again from {Uses} decisions in {Ms:F0} ms")]
    private partial void LogAgain(string key, int uses, double ms);
}
