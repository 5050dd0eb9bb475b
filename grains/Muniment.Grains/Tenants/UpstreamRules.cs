using Muniment.Messages.Tenants;

namespace Muniment.Grains.Tenants;

/// <summary>How a tenant's upstreams change. Pure.</summary>
public static class UpstreamRules
{
    /// <summary>Makes or replaces one.</summary>
    public static (TenantDocument Document, TenantChange Change) Put(TenantDocument document, UpstreamMessage upstream, bool keepCredential)
    {
        if (document.Tenant is null)
        {
            return (document, TenantRules.Refused(TenantChangeStatus.NotFound, "tenant"));
        }

        document.Upstreams.TryGetValue(upstream.Name, out UpstreamRecord? before);
        if (keepCredential && before?.Shown is null)
        {
            return (document, TenantRules.Refused(TenantChangeStatus.NotFound, "credential to keep"));
        }

        if (before is null && document.Upstreams.Count >= TenantLimits.MaxUpstreams)
        {
            return (document, TenantRules.Refused(TenantChangeStatus.LimitReached, $"{TenantLimits.MaxUpstreams} upstreams"));
        }

        UpstreamRecord after = UpstreamRecord.From(upstream);
        if (before is not null && (keepCredential || (before.Fingerprint == after.Fingerprint && before.Shown == after.Shown)))
        {
            after = after with { Credential = before.Credential, Shown = before.Shown, Fingerprint = before.Fingerprint };
        }

        byte[] shown = TenantViews.Upstream(after);
        return before == after
            ? (document, new TenantChange(TenantChangeStatus.Unchanged, 0, shown, shown, null))
            : (document with { Upstreams = document.Upstreams.SetItem(after.Name, after) },
                new TenantChange(TenantChangeStatus.Done, 0, before is null ? default : TenantViews.Upstream(before), shown, null));
    }

    /// <summary>Removes one.</summary>
    public static (TenantDocument Document, TenantChange Change) Remove(TenantDocument document, string name) =>
        document.Upstreams.TryGetValue(name, out UpstreamRecord? before)
            ? (document with { Upstreams = document.Upstreams.Remove(name) }, new TenantChange(TenantChangeStatus.Done, 0, TenantViews.Upstream(before), default, null))
            : (document, TenantRules.Refused(TenantChangeStatus.NotFound, "such upstream"));
}
