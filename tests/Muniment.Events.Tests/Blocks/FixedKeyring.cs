using Muniment.Events.Keys;

namespace Muniment.Events.Tests.Blocks;

/// <summary>Keys of the default tenant: number n has the root n, n+1, n+2, …</summary>
internal sealed class FixedKeyring(params uint[] missing) : ITenantKeyring
{
    public static TenantKeys Key(uint id) => new(TenantId.Default, id, [.. Enumerable.Range(0, 32).Select(i => (byte)(id + i))]);

    public TenantKeys Current(TenantId tenant) => Key(1);

    public TenantKeys? Find(TenantId tenant, uint keyId) => missing.Contains(keyId) || tenant != TenantId.Default ? null : Key(keyId);
}
