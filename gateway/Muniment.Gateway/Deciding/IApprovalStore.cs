using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Messages.Administration;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Deciding;

/// <summary>The gateway's way to what waits for a second person's word.</summary>
internal interface IApprovalStore
{
    /// <summary>Asks whether a call may pass; see <see cref="IApprovalsGrain.Ask"/>.</summary>
    Task<ApprovalMessage> AskAsync(TenantId tenant, ApprovalAsk ask);

    /// <summary>A person's word.</summary>
    Task<TenantChange> DecideAsync(TenantId tenant, string id, bool approve, ActMessage act);

    /// <summary>One of them, or null.</summary>
    Task<ApprovalMessage?> FindAsync(TenantId tenant, string id);

    /// <summary>A page of them.</summary>
    Task<ImmutableArray<ApprovalMessage>> ListAsync(TenantId tenant, string? after, int limit);
}

/// <summary>Asks the grains.</summary>
internal sealed class GrainApprovalStore(IGrainFactory grains) : IApprovalStore
{
    public Task<ApprovalMessage> AskAsync(TenantId tenant, ApprovalAsk ask) => Grain(tenant).Ask(ask);

    public Task<TenantChange> DecideAsync(TenantId tenant, string id, bool approve, ActMessage act) => Grain(tenant).Decide(id, approve, act);

    public Task<ApprovalMessage?> FindAsync(TenantId tenant, string id) => Grain(tenant).Find(id);

    public Task<ImmutableArray<ApprovalMessage>> ListAsync(TenantId tenant, string? after, int limit) => Grain(tenant).List(after, limit);

    private IApprovalsGrain Grain(TenantId tenant) => grains.GetGrain<IApprovalsGrain>(tenant.Value);
}
