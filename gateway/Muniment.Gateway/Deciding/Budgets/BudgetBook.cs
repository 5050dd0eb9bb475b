using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Muniment.Events;
using Muniment.Messages.Budgets;

namespace Muniment.Gateway.Deciding.Budgets;

/// <summary>All budgets that this gateway holds a part of. Thread-safe. In the background it gives back what lies idle and says that it is there.</summary>
internal sealed class BudgetBook(Func<string, BudgetAsk, Task<BudgetGrant>> ask, TimeProvider time) : BackgroundService
{
    /// <summary>Most budgets at once; a call that needs another one is refused with 503.</summary>
    public const int MaxBudgets = 200_000;

    /// <summary>Longest wait for a budget's answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<(string Tenant, string Key), LocalBudget> _budgets = new();

    /// <summary>Asks the grains.</summary>
    public BudgetBook(IGrainFactory grains, TimeProvider time)
        : this((key, message) => grains.GetGrain<IBudgetGrain>(key).Take(message), time)
    {
    }

    /// <summary>Reserves; null when the budget has no room.</summary>
    /// <exception cref="BudgetUnavailableException">No answer, or too many budgets.</exception>
    public ValueTask<LocalBudget.Reservation?> ReserveAsync(TenantId tenant, string key, BudgetSpec spec, long amount)
    {
        if (!_budgets.TryGetValue((tenant.Value, key), out LocalBudget? budget))
        {
            if (_budgets.Count >= MaxBudgets)
            {
                throw new BudgetUnavailableException(key, null);
            }

            budget = _budgets.GetOrAdd((tenant.Value, key), name => new LocalBudget(name.Key, message => AskAsync($"{name.Tenant}/{name.Key}", message), time));
        }

        return budget.ReserveAsync(spec, amount);
    }

    /// <summary>One round of giving back and showing up.</summary>
    public void Tend()
    {
        foreach (((string, string) name, LocalBudget budget) in _budgets)
        {
            if (!budget.Tend())
            {
                _budgets.TryRemove(new KeyValuePair<(string, string), LocalBudget>(name, budget));
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(BudgetLimits.HeartbeatMs), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Tend();
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends; leases end with it.
        }
    }

    private async Task<BudgetGrant> AskAsync(string key, BudgetAsk message) => await ask(key, message).WaitAsync(Patience, time);
}
