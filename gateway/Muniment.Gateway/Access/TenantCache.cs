using System.Collections.Concurrent;
using System.Collections.Frozen;
using Muniment.Events;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Access;

/// <summary>
/// Which tenants and keys there are, at most <see cref="Freshness{T}.HardMs"/> old. Names that no tenant has are answered from the list, so made-up keys
/// neither activate grains nor fill this cache: it holds at most one element a tenant. Thread-safe.
/// </summary>
internal sealed class TenantCache
{
    private readonly TimeProvider _time;
    private readonly ITenantStore _store;
    private readonly Freshness<TenantList> _list;
    private readonly ConcurrentDictionary<TenantId, Freshness<TenantView>> _tenants = new();

    public TenantCache(TimeProvider time, ITenantStore store)
    {
        _time = time;
        _store = store;
        _list = new Freshness<TenantList>(time, RefreshListAsync);
    }

    /// <summary>The tenant, or null when there is none of that name.</summary>
    public async ValueTask<TenantView?> FindAsync(TenantId tenant)
    {
        TenantList list = await _list.GetAsync();
        if (!list.Names.Contains(tenant))
        {
            // It may have been made through another gateway just now: a miss waits for a list that is not older than a second.
            list = await _list.GetAsync(waitWhenSoft: true);
        }

        return list.Names.Contains(tenant) ? await Entry(tenant).GetAsync() : null;
    }

    /// <summary>A key of a tenant, or null when there is none. Expiry is the caller's to check.</summary>
    public async ValueTask<KnownKey?> FindKeyAsync(TenantId tenant, string id)
    {
        TenantView? view = await FindAsync(tenant);
        if (view is null)
        {
            return null;
        }

        return view.Keys.TryGetValue(id, out KnownKey? key) ? key : (await Entry(tenant).GetAsync(waitWhenSoft: true)).Keys.GetValueOrDefault(id);
    }

    /// <summary>All tenants.</summary>
    public async Task<IReadOnlyList<TenantMessage>> ListAsync() => (await _list.RenewAsync()).Tenants;

    /// <summary>Forgets what is known of a tenant: after a change made through this gateway.</summary>
    public async Task RenewAsync(TenantId tenant)
    {
        if (!(await _list.GetAsync()).Names.Contains(tenant))
        {
            await _list.RenewAsync();
        }

        await Entry(tenant).RenewAsync();
    }

    private Freshness<TenantView> Entry(TenantId tenant) =>
        _tenants.GetOrAdd(tenant, static (name, cache) => new Freshness<TenantView>(cache._time, known => cache.RefreshAsync(name, known)), this);

    private async Task<TenantView> RefreshAsync(TenantId tenant, TenantView? known)
    {
        TenantSnapshotMessage snapshot = await _store.SnapshotAsync(tenant, known?.Version ?? -1);
        return known is not null && snapshot.Version == known.Version ? known : TenantView.Create(tenant, snapshot);
    }

    private async Task<TenantList> RefreshListAsync(TenantList? known)
    {
        TenantListMessage list = await _store.ListAsync(known?.Version ?? -1);
        return known is not null && list.Version == known.Version
            ? known
            : new TenantList(list.Version, list.Tenants, list.Tenants.Select(tenant => TenantId.Parse(tenant.Id)).ToFrozenSet());
    }

    private sealed record TenantList(long Version, IReadOnlyList<TenantMessage> Tenants, FrozenSet<TenantId> Names);
}
