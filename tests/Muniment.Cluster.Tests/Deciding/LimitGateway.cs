using Muniment.Cluster.Tests.Platform;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Gateway.Access;
using Muniment.Gateway.Deciding;
using Muniment.Gateway.Deciding.Budgets;
using Muniment.Gateway.Ingest.Segments;
using Muniment.Gateway.Policies;
using Muniment.Messages.Administration;
using Muniment.Messages.Tenants;
using Muniment.Policy.Evaluation;

namespace Muniment.Cluster.Tests.Deciding;

/// <summary>A gateway's way of deciding and recording, of its own, in one silo of a cluster.</summary>
internal sealed class LimitGateway
{
    private readonly Decider _decider;
    private readonly DecisionLog _log;
    private readonly TenantId _tenant;
    private int _flying;
    private int _most;

    private LimitGateway(PlatformCluster cluster, TenantId tenant, int silo)
    {
        IGrainFactory door = cluster.Door(silo);
        var keyring = cluster.Store.Journal.Keyring;
        _tenant = tenant;
        _decider = new Decider(new DecidingCache(TimeProvider.System, new GrainDecidingStore(door), keyring), new BudgetBook(door, TimeProvider.System), new GrainApprovalStore(door), keyring, TimeProvider.System);
        _log = new DecisionLog(new EncoderPool(), PlatformCluster.Sink(door), keyring, TimeProvider.System);
    }

    public int MostInFlight => _most;

    /// <summary>A tenant with a policy, and a gateway in each of two silos.</summary>
    public static async Task<LimitGateway[]> SetUpAsync(PlatformCluster cluster, TenantId tenant, string policy)
    {
        IGrainFactory door = cluster.Door(0);
        KeyMessage first = new("first", "admin", null, new byte[32], null, null, false, 1, 0);
        Assert.Equal(TenantChangeStatus.Done, (await door.GetGrain<ITenantDirectoryGrain>(ITenantDirectoryGrain.Key).Create(new TenantMessage(tenant.Value, null, null, QuotaMessage.None, 1), first, null)).Status);
        ActMessage act = new(Guid.NewGuid().ToString(), tenant.Value, "first", null, "admin", "policy.put", "p", null, 1, default);
        TenantChange change = await door.GetGrain<ITenantGrain>(tenant.Value).PutPolicy("p", "rules: []\n" + policy, act);
        Assert.True(change.Status is TenantChangeStatus.Done, $"{change.Status} {change.Detail}");
        return [new LimitGateway(cluster, tenant, 0), new LimitGateway(cluster, tenant, 1)];
    }

    /// <summary>Decides and records one call, as the proxy does; over when its second event is durable, or its only one.</summary>
    public async Task<Decision> CallAsync(DecisionCost cost = default, UsagePart? usage = null, bool settles = true)
    {
        await Task.Yield();
        var caller = new Caller(_tenant, "k", Role.Agent, "jo", "shop", false);
        var request = new DecisionRequest { Action = DecisionActions.ModelInvoke, Caller = new DecisionCaller { KeyId = "k", User = "jo", Project = "shop" } };
        Decision decision = await _decider.DecideAsync(
            new DecisionCall(caller, request, new DecisionContext { Receiver = "llm" }) { Estimate = cost, IsSettledLater = settles }, _ => Inspection.None, CancellationToken.None);
        if (decision.MayPass)
        {
            int flying = Interlocked.Increment(ref _flying);
            for (int most; (most = _most) < flying && Interlocked.CompareExchange(ref _most, flying, most) != most;)
            {
            }
        }

        await _log.AppendInvokeAsync(decision, CancellationToken.None);
        if (decision.MayPass)
        {
            if (settles)
            {
                await _log.AppendRespondAsync(decision, new DecisionAnswer { Usage = usage, Inspection = Inspection.None }, CancellationToken.None);
            }

            Interlocked.Decrement(ref _flying);
        }

        return decision;
    }
}
