using Muniment.Events;
using Muniment.Gateway.Policies;

namespace Muniment.Gateway.Ingest.Rules;

/// <summary>The rules of the tenants' policies, from this gateway's own copy.</summary>
internal sealed class PolicyIngestRules(DecidingCache cache) : IIngestRules
{
    /// <inheritdoc/>
    /// <exception cref="TimeoutException">They cannot be read now: 503, and the sender sends again.</exception>
    public ValueTask<IngestRuleSet?> FindAsync(TenantId tenant)
    {
        ValueTask<DecidingView> view = cache.FindAsync(tenant);
        return view.IsCompletedSuccessfully ? new(view.Result.Ingest) : WaitAsync(view);
    }

    private static async ValueTask<IngestRuleSet?> WaitAsync(ValueTask<DecidingView> view)
    {
        try
        {
            return (await view).Ingest;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new TimeoutException("the tenant's policies cannot be read at the moment", e);
        }
    }
}
