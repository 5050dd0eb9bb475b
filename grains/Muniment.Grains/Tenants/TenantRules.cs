using Muniment.Messages.Tenants;

namespace Muniment.Grains.Tenants;

/// <summary>What may change in a tenant, and how. Pure: a document and a wish in, a new document (or the same, refused) and the answer out.</summary>
public static class TenantRules
{
    private const string SuperAdmin = "super_admin";

    /// <summary>Makes the tenant and its first key.</summary>
    public static (TenantDocument Document, TenantChange Change) Create(TenantDocument document, TenantMessage tenant, KeyMessage firstKey, bool replace)
    {
        if (document.Tenant is not null && !replace)
        {
            return (document, Refused(TenantChangeStatus.Conflict, $"the tenant {tenant.Id} exists already"));
        }

        TenantDocument made = new()
        {
            Tenant = TenantRecord.From(tenant),
            Keys = new TenantDocument().Keys.Add(firstKey.Id, KeyRecord.From(firstKey)),
            Outbox = document.Outbox,
        };
        return (made, new TenantChange(TenantChangeStatus.Done, 0, default, TenantViews.Tenant(made.Tenant), null));
    }

    /// <summary>Replaces name, region and quota; id and age stay.</summary>
    public static (TenantDocument Document, TenantChange Change) Update(TenantDocument document, TenantMessage tenant)
    {
        if (document.Tenant is not { } before)
        {
            return (document, Refused(TenantChangeStatus.NotFound, "tenant"));
        }

        TenantRecord after = TenantRecord.From(tenant) with { Id = before.Id, CreatedMs = before.CreatedMs };
        TenantChange change = new(after == before ? TenantChangeStatus.Unchanged : TenantChangeStatus.Done, 0, TenantViews.Tenant(before), TenantViews.Tenant(after), null);
        return (document with { Tenant = after }, change);
    }

    /// <summary>Adds a key.</summary>
    public static (TenantDocument Document, TenantChange Change) AddKey(TenantDocument document, KeyMessage key)
    {
        if (document.Tenant is null)
        {
            return (document, Refused(TenantChangeStatus.NotFound, "tenant"));
        }

        if (document.Keys.ContainsKey(key.Id))
        {
            return (document, Refused(TenantChangeStatus.Conflict, $"the key {key.Id} exists already"));
        }

        if (document.Keys.Count >= TenantLimits.MaxKeys)
        {
            return (document, Refused(TenantChangeStatus.LimitReached, $"{TenantLimits.MaxKeys} keys"));
        }

        KeyRecord record = KeyRecord.From(key);
        return (document with { Keys = document.Keys.Add(key.Id, record) }, new TenantChange(TenantChangeStatus.Done, 0, default, TenantViews.Key(record), null));
    }

    /// <summary>Revokes a key. The last super-admin key stays: without it nobody could ever make a tenant again.</summary>
    public static (TenantDocument Document, TenantChange Change) RevokeKey(TenantDocument document, string id)
    {
        if (!document.Keys.TryGetValue(id, out KeyRecord? key))
        {
            return (document, Refused(TenantChangeStatus.NotFound, id));
        }

        if (key.Role == SuperAdmin && document.Keys.Values.Count(other => other.Role == SuperAdmin) == 1)
        {
            return (document, Refused(TenantChangeStatus.Conflict, "this is the last super_admin key: make another one first"));
        }

        return (document with { Keys = document.Keys.Remove(id) }, new TenantChange(TenantChangeStatus.Done, 0, TenantViews.Key(key), default, null));
    }

    /// <summary>What the gateways need.</summary>
    public static TenantSnapshotMessage Snapshot(TenantDocument document, long version, long knownVersion) =>
        document.Tenant is null || version == knownVersion
            ? new TenantSnapshotMessage(version, null, [])
            : new TenantSnapshotMessage(version, document.Tenant.ToMessage(), [.. document.Keys.Values.Select(key => key.ToMessage())]);

    /// <summary>The answer to a change that is stored and waits to be recorded.</summary>
    internal static TenantChange Unrecorded(TenantChange change) => change with
    {
        Status = TenantChangeStatus.Unrecorded, Detail = "the change is made and will be recorded in the journal as soon as that takes it", IsStored = true,
    };

    internal static TenantChange Refused(TenantChangeStatus status, string detail) => new(status, 0, default, default, detail);
}
