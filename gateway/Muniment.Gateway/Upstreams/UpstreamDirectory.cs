using Muniment.Events;
using Muniment.Gateway.Policies;

namespace Muniment.Gateway.Upstreams;

/// <summary>Reads the snapshot of the tenant.</summary>
internal sealed class UpstreamDirectory(DecidingCache cache) : IUpstreamDirectory
{
    /// <inheritdoc/>
    public ValueTask<Upstream?> FindAsync(TenantId tenant, string name)
    {
        ValueTask<DecidingView> view = cache.FindAsync(tenant);
        return view.IsCompletedSuccessfully ? new(view.Result.Upstreams.GetValueOrDefault(name)) : WaitAsync(view, name);
    }

    private static async ValueTask<Upstream?> WaitAsync(ValueTask<DecidingView> view, string name) => (await view).Upstreams.GetValueOrDefault(name);
}
