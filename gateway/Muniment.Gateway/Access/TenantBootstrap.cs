using Muniment.Events;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Access;

/// <summary>What the host does with tenants and keys at its start.</summary>
public sealed class TenantBootstrap(ITenantStore store, TimeProvider time)
{
    /// <summary>How many keys starts make.</summary>
    public const int MaxStartKeys = 1000;

    /// <summary>
    /// Makes tenant <c>default</c> with one <c>super_admin</c> key unless it exists. <paramref name="keep"/> gets the key before the tenant is made and must
    /// write it down durably: after a crash between the two, the next start makes another key.
    /// </summary>
    /// <returns>The key, or null when the tenant exists.</returns>
    public async Task<string?> EnsureAsync(Func<string, CancellationToken, Task> keep, CancellationToken cancellationToken)
    {
        TenantListMessage list = await store.ListAsync(-1);
        if (list.Tenants.Any(tenant => tenant.Id == TenantId.Default.Value))
        {
            return null;
        }

        (string text, KeyMessage key) = KeyIssuer.Create(TenantId.Default, Role.SuperAdmin, "first start", time);
        await keep(text, cancellationToken);
        var tenant = new TenantMessage(TenantId.Default.Value, null, null, QuotaMessage.None, time.GetUtcNow().ToUnixTimeMilliseconds());
        TenantChange change = await store.CreateTenantAsync(tenant, key);
        return change.Status is TenantChangeStatus.Done ? text : null;
    }

    /// <summary>
    /// Makes one more key, e.g. the <c>ingest</c> key that the start prints. None when so many of this name and role count already: restarts must not use up the tenant's number of keys, and
    /// none of them may be revoked unasked, because agents may send with it.
    /// </summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="role">What it may.</param>
    /// <param name="name">What people call it.</param>
    /// <param name="most">How many of this name and role there may be.</param>
    /// <returns>Its text, or null.</returns>
    /// <exception cref="InvalidOperationException">The tenant takes no more keys.</exception>
    public async Task<string?> IssueAsync(TenantId tenant, Role role, string name, int most = MaxStartKeys)
    {
        TenantSnapshotMessage snapshot = await store.SnapshotAsync(tenant, -1);
        if (snapshot.Keys.Count(k => k.Name == name && k.Role == role.Name()) >= most)
        {
            return null;
        }

        (string text, KeyMessage key) = KeyIssuer.Create(tenant, role, name, time);
        TenantChange change = await store.AddKeyAsync(tenant, key);
        return change.Status is TenantChangeStatus.Done ? text : throw new InvalidOperationException($"no key was made: {change.Status} {change.Detail}");
    }
}
