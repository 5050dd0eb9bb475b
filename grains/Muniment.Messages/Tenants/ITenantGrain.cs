using System.Collections.Immutable;
using Muniment.Messages.Administration;
using Orleans.Concurrency;

namespace Muniment.Messages.Tenants;

/// <summary>One tenant (key: its name). Owns its keys, settings and quotas; gateways read its snapshot and check keys themselves. Each change comes with the act that it is recorded as, or null for what the platform does by itself.</summary>
[Alias("muniment.tenant")]
public interface ITenantGrain : IGrainWithStringKey
{
    /// <summary>Version and, when it differs from <paramref name="knownVersion"/>, keys and quotas. Pass -1 to get them always.</summary>
    [Alias("snapshot"), AlwaysInterleave]
    Task<TenantSnapshotMessage> GetSnapshot(long knownVersion);

    /// <summary>Makes the tenant with its first key. A tenant that exists is left alone (<see cref="TenantChangeStatus.Conflict"/>) unless <paramref name="replace"/>.</summary>
    [Alias("create")]
    Task<TenantChange> Create(TenantMessage tenant, KeyMessage firstKey, bool replace, ActMessage? act);

    /// <summary>Replaces name, region and quota.</summary>
    [Alias("update")]
    Task<TenantChange> Update(TenantMessage tenant, ActMessage? act);

    /// <summary>Adds a key.</summary>
    [Alias("add-key")]
    Task<TenantChange> AddKey(KeyMessage key, ActMessage? act);

    /// <summary>Revokes a key. The last super-admin key stays (<see cref="TenantChangeStatus.Conflict"/>).</summary>
    [Alias("revoke-key")]
    Task<TenantChange> RevokeKey(string id, ActMessage? act);

    /// <summary>Settings of one scope.</summary>
    [Alias("get-settings"), AlwaysInterleave]
    Task<SettingsMessage> GetSettings(string scope);

    /// <summary>What counts for a user in a project: org, then project, then user; a locked key keeps the higher scope's value. Either may be null.</summary>
    [Alias("effective-settings"), AlwaysInterleave]
    Task<SettingsMessage> GetEffectiveSettings(string? project, string? user);

    /// <summary>Replaces the settings of one scope. <see cref="SettingsMessage.Version"/> is the version it was read at, or -1 to replace whatever is there.</summary>
    [Alias("put-settings")]
    Task<TenantChange> PutSettings(SettingsMessage settings, ActMessage? act);

    /// <summary>Version and, when it differs from <paramref name="knownVersion"/>, what a gateway decides with. Pass -1 to get it always.</summary>
    [Alias("deciding"), AlwaysInterleave]
    Task<DecidingMessage> GetDeciding(long knownVersion);

    /// <summary>Publishes a policy's document. The content in force returns its version (<see cref="TenantChangeStatus.Unchanged"/>); a lock that forbids it is <see cref="TenantChangeStatus.Locked"/> with the rule and a sentence in two lines.</summary>
    [Alias("put-policy")]
    Task<TenantChange> PutPolicy(string name, string source, ActMessage act);

    /// <summary>Publishes the content of an earlier version as the next one.</summary>
    [Alias("rollback-policy")]
    Task<TenantChange> RollbackPolicy(string name, long version, ActMessage act);

    /// <summary>One version of a policy, or null; version 0 is the one in force.</summary>
    [Alias("find-policy"), AlwaysInterleave]
    Task<PolicyMessage?> FindPolicy(string name, long version);

    /// <summary>Versions of a policy below one, newest first, without contents.</summary>
    [Alias("policy-versions"), AlwaysInterleave]
    Task<ImmutableArray<PolicyMessage>> ListPolicyVersions(string name, long below, int limit);

    /// <summary>Makes or replaces an upstream. With <paramref name="keepCredential"/> the credential that is there stays; there must be one.</summary>
    [Alias("put-upstream")]
    Task<TenantChange> PutUpstream(UpstreamMessage upstream, bool keepCredential, ActMessage? act);

    /// <summary>Removes an upstream.</summary>
    [Alias("remove-upstream")]
    Task<TenantChange> RemoveUpstream(string name, ActMessage? act);
}
