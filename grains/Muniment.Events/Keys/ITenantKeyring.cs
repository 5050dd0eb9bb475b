namespace Muniment.Events.Keys;

/// <summary>Hands out tenants' keys. Cached, so a call on the hot path costs a dictionary look-up.</summary>
public interface ITenantKeyring
{
    /// <summary>The key under which new data of the tenant is written; made (and made durable) at first use.</summary>
    TenantKeys Current(TenantId tenant);

    /// <summary>The key with this number, to read older data; null when it was destroyed or never existed.</summary>
    TenantKeys? Find(TenantId tenant, uint keyId);
}
