using System.Collections.Concurrent;
using Muniment.Events;
using Muniment.Events.Keys;
using Muniment.Gateway.Access;
using Muniment.Gateway.Upstreams;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Policies;

/// <summary>
/// What tenants decide with, at most <see cref="HardMs"/> old. Only tenants of authenticated callers are asked for, so it holds at most one element a tenant. Thread-safe.
/// </summary>
internal sealed class DecidingCache(TimeProvider time, IDecidingStore store, ITenantKeyring keyring)
{
    /// <summary>From this age on a refresh is started behind the scenes.</summary>
    public const int SoftMs = 500;

    /// <summary>From this age on a decision waits for the refresh: a policy that was answered elsewhere counts here within 2 s.</summary>
    public const int HardMs = 1800;

    private readonly ConcurrentDictionary<TenantId, Freshness<DecidingView>> _tenants = new();

    /// <summary>The view of a tenant.</summary>
    /// <exception cref="Exception">It could not be refreshed in time.</exception>
    public ValueTask<DecidingView> FindAsync(TenantId tenant) => Entry(tenant).GetAsync();

    /// <summary>Asks now: after a change made through this gateway.</summary>
    public Task<DecidingView> RenewAsync(TenantId tenant) => Entry(tenant).RenewAsync();

    private Freshness<DecidingView> Entry(TenantId tenant) => _tenants.GetOrAdd(
        tenant, static (name, cache) => new Freshness<DecidingView>(cache.Time, known => cache.RefreshAsync(name, known), SoftMs, HardMs), this);

    private TimeProvider Time => time;

    private async Task<DecidingView> RefreshAsync(TenantId tenant, DecidingView? known)
    {
        DecidingMessage message = await store.DecidingAsync(tenant, known?.Version ?? -1);
        return known is not null && message.Version == known.Version ? known : DecidingView.Create(message, upstream => UpstreamSecrets.Open(upstream, id => keyring.Find(tenant, id)));
    }
}
