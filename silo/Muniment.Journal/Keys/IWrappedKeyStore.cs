using Muniment.Events;

namespace Muniment.Journal.Keys;

/// <summary>Where tenants' wrapped keys lie: outside the journal, so that a copy of the journal alone is worth nothing.</summary>
internal interface IWrappedKeyStore
{
    /// <summary>The tenant's keys, or null when it has none yet.</summary>
    WrappedKeys? Load(TenantId tenant);

    /// <summary>Stores the first keys of a tenant unless somebody else did; returns what is stored then. Durable before it returns.</summary>
    WrappedKeys CreateOrLoad(TenantId tenant, WrappedKeys keys);

    /// <summary>True when any tenant has keys.</summary>
    bool Any();
}
