using Muniment.Messages.Administration;
using Orleans.Concurrency;

namespace Muniment.Messages.Tenants;

/// <summary>What waits in a tenant (key: its name) for a second person's word.</summary>
[Alias("muniment.approvals")]
public interface IApprovalsGrain : IGrainWithStringKey
{
    /// <summary>Asks whether a call may pass. One that was approved passes here once, so an answer that is lost has used it up.</summary>
    [Alias("ask")]
    Task<ApprovalMessage> Ask(ApprovalAsk ask);

    /// <summary>A person's word. The key that asked has none (<see cref="TenantChangeStatus.Locked"/>); a second word is <see cref="TenantChangeStatus.Conflict"/>.</summary>
    [Alias("decide")]
    Task<TenantChange> Decide(string id, bool approve, ActMessage act);

    /// <summary>One of them, or null.</summary>
    [Alias("find"), AlwaysInterleave]
    Task<ApprovalMessage?> Find(string id);

    /// <summary>A page of them, sorted by id, which grows with time.</summary>
    [Alias("list"), AlwaysInterleave]
    Task<System.Collections.Immutable.ImmutableArray<ApprovalMessage>> List(string? after, int limit);
}
