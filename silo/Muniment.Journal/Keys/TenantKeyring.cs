using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Muniment.Events;
using Muniment.Events.Keys;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Keys;

/// <summary>Tenants' keys, unwrapped once and kept in memory (about 400 bytes a tenant). A new tenant's key is durable before anything is encrypted under it.</summary>
internal sealed class TenantKeyring(IWrappedKeyStore store, byte[] master) : ITenantKeyring
{
    private readonly ConcurrentDictionary<TenantId, TenantKeys[]> _known = new();

    public TenantKeys Current(TenantId tenant) => _known.TryGetValue(tenant, out TenantKeys[]? keys) ? keys[^1] : (LoadOrNull(tenant) ?? Create(tenant))[^1];

    public TenantKeys? Find(TenantId tenant, uint keyId)
    {
        if (!_known.TryGetValue(tenant, out TenantKeys[]? keys))
        {
            keys = LoadOrNull(tenant) ?? [];
        }

        foreach (TenantKeys key in keys)
        {
            if (key.KeyId == keyId)
            {
                return key;
            }
        }

        return null;
    }

    private TenantKeys[]? LoadOrNull(TenantId tenant) => store.Load(tenant) is { Keys.Length: > 0 } stored ? Keep(tenant, stored) : null;

    private TenantKeys[] Create(TenantId tenant)
    {
        byte[] root = RandomNumberGenerator.GetBytes(TenantKeys.RootSizeBytes);
        WrappedKeys keys = new(tenant.Value, [WrappedKey.Wrap(master, tenant, 1, root)]);
        CryptographicOperations.ZeroMemory(root);
        return Keep(tenant, store.CreateOrLoad(tenant, keys));
    }

    private TenantKeys[] Keep(TenantId tenant, WrappedKeys stored)
    {
        try
        {
            return _known.GetOrAdd(tenant, [.. stored.Keys.Select(key => key.Unwrap(master, tenant))]);
        }
        catch (Exception error) when (error is CryptographicException or JsonException)
        {
            throw new DataDirectoryException($"the keys of tenant '{tenant}' cannot be unwrapped: the master key (Keys:File) is another one, or the file was changed", error);
        }
    }
}
