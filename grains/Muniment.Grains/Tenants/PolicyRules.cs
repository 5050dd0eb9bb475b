using Muniment.Messages.Tenants;
using Muniment.Policy.Documents;
using Muniment.Policy.Documents.Locks;
using Muniment.Policy.Evaluation;

namespace Muniment.Grains.Tenants;

/// <summary>How a tenant's policies change. Pure.</summary>
public static class PolicyRules
{
    /// <summary>A content longer than this stands in the admin event by its digest only.</summary>
    public const int MaxShownLength = 64 * 1024;

    /// <summary>Publishes a content.</summary>
    /// <param name="document">The tenant.</param>
    /// <param name="inForce">The contents of all heads.</param>
    /// <param name="name">The policy.</param>
    /// <param name="source">The document as it was written, YAML or JSON.</param>
    /// <param name="by">Who does it.</param>
    /// <param name="nowMs">Now, Unix ms.</param>
    /// <param name="always">Whether the content in force makes a new version too: a rollback does.</param>
    public static (TenantDocument Document, TenantChange Change, PolicyMessage? Made) Put(
        TenantDocument document, IReadOnlyCollection<PolicyMessage> inForce, string name, string source, string by, long nowMs, bool always)
    {
        if (document.Tenant is null)
        {
            return (document, TenantRules.Refused(TenantChangeStatus.NotFound, "tenant"), null);
        }

        ParsedPolicy parsed = PolicyParser.Parse(source);
        if (parsed.Document is not { } policy)
        {
            return (document, TenantRules.Refused(TenantChangeStatus.Conflict, parsed.Errors[0].ToString()), null);
        }

        PolicyMessage? before = inForce.FirstOrDefault(head => head.Name == name);
        if (before is null && document.Policies.Count >= TenantLimits.MaxPolicies)
        {
            return (document, TenantRules.Refused(TenantChangeStatus.LimitReached, $"{TenantLimits.MaxPolicies} policies"), null);
        }

        if (before is not null && before.Digest == policy.Digest && !always)
        {
            byte[] shown = TenantViews.Policy(before);
            return (document, new TenantChange(TenantChangeStatus.Unchanged, before.Version, shown, shown, null), before);
        }

        var made = new PolicyMessage(name, (before?.Version ?? 0) + 1, policy.Digest, policy.CanonicalJson, nowMs, by, source);
        IEnumerable<PublishedPolicy> others = inForce.Where(head => head.Name != name).Select(Published);
        if (PolicyLocks.Check(new PublishedPolicy(name, (int)made.Version, policy), others) is { } conflict)
        {
            return (document, TenantRules.Refused(TenantChangeStatus.Locked, $"{conflict.Rule}\n{conflict.Message}"), null);
        }

        TenantDocument next = document with { Policies = document.Policies.SetItem(name, new PolicyHead(made.Version, made.Digest)) };
        return (next, new TenantChange(TenantChangeStatus.Done, made.Version, before is null ? default : TenantViews.Policy(before), TenantViews.Policy(made), null), made);
    }

    private static PublishedPolicy Published(PolicyMessage head) => new(
        head.Name, (int)head.Version, PolicyParser.Parse(head.Content).Document ?? throw new InvalidDataException($"policy {head.Name} version {head.Version} cannot be read by this version"));
}
