using System.Security.Cryptography;
using Muniment.Events;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Access;

/// <summary>What the host does with tenants and keys at its start.</summary>
public sealed class TenantBootstrap(ITenantStore store, TimeProvider time)
{
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

    /// <summary>Whether a text is a key of this tenant and role that was neither revoked nor has expired.</summary>
    public async Task<bool> CountsAsync(string text, TenantId tenant, Role role)
    {
        if (!ApiKey.TryParse(text, out TenantId named, out string? id) || named != tenant)
        {
            return false;
        }

        byte[] hash = new byte[SHA256.HashSizeInBytes];
        ApiKey.Hash(text, hash);
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        TenantSnapshotMessage snapshot = await store.SnapshotAsync(tenant, -1);
        return snapshot.Keys.Any(key => key.Id == id && key.Role == role.Name() && (key.ExpiresMs == 0 || key.ExpiresMs > now) && CryptographicOperations.FixedTimeEquals(key.Hash.Span, hash));
    }

    /// <summary>Makes one more key, e.g. the <c>ingest</c> key that the start prints.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="role">What it may.</param>
    /// <param name="name">What people call it.</param>
    /// <param name="keep">Gets the text before the key is made.</param>
    /// <returns>Its text.</returns>
    /// <exception cref="InvalidOperationException">The tenant takes no more keys.</exception>
    public async Task<string> IssueAsync(TenantId tenant, Role role, string name, Action<string>? keep = null)
    {
        (string text, KeyMessage key) = KeyIssuer.Create(tenant, role, name, time);
        keep?.Invoke(text);
        TenantChange change = await store.AddKeyAsync(tenant, key);
        return change.Status is TenantChangeStatus.Done ? text : throw new InvalidOperationException($"no key was made: {change.Status} {change.Detail}");
    }
}
