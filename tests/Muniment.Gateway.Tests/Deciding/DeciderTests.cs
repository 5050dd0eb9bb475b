using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Gateway.Access;
using Muniment.Gateway.Deciding;
using Muniment.Gateway.Deciding.Budgets;
using Muniment.Gateway.Deciding.Prices;
using Muniment.Gateway.Ingest.Segments;
using Muniment.Gateway.Policies;
using Muniment.Gateway.Tests.Hosting;
using Muniment.Grains.Approvals;
using Muniment.Grains.Budgets;
using Muniment.Messages.Administration;
using Muniment.Messages.Budgets;
using Muniment.Messages.Journal;
using Muniment.Messages.Tenants;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Tests.Deciding;

/// <summary>Deciding and recording with everything behind it in memory and under hand.</summary>
public sealed class DeciderTests
{
    private static readonly Caller Agent = new(TenantId.Default, "k1", Role.Agent, "jane", null, false);

    [Fact]
    public async Task Another_gateway_uses_a_new_policy_within_two_seconds()
    {
        var world = new World();
        DecidingCache one = world.Cache(), other = world.Cache();
        await one.FindAsync(TenantId.Default);
        await other.FindAsync(TenantId.Default);
        world.Publish("rules:\n  - { id: no, on: [tool.call], then: deny }\n");
        await one.RenewAsync(TenantId.Default);
        Assert.Single((await one.FindAsync(TenantId.Default)).Policies.Policies);
        world.Time.Advance(TimeSpan.FromMilliseconds(1900));
        Assert.Single((await other.FindAsync(TenantId.Default)).Policies.Policies);
    }

    [Fact]
    public async Task Without_the_tenant_nothing_is_decided()
    {
        var world = new World();
        Decider decider = world.Decider();
        await decider.DecideAsync(Call(), _ => Inspection.None, CancellationToken.None);
        world.StoreFails = true;
        world.Time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<DecidingUnavailableException>(async () => await decider.DecideAsync(Call(), _ => Inspection.None, CancellationToken.None));
    }

    [Fact]
    public async Task A_budget_without_an_answer_decides_nothing_and_gives_back_what_others_reserved()
    {
        var world = new World();
        world.Publish("limits:\n  - { id: a, per: user, calls: 10, window: 1d, then: deny }\n  - { id: b, per: key, calls: 10, window: 1d, then: deny }\n");
        world.BudgetFails = key => key.Contains(":b/", StringComparison.Ordinal);
        Decider decider = world.Decider();
        await Assert.ThrowsAsync<DecidingUnavailableException>(async () => await decider.DecideAsync(Call(), _ => Inspection.None, CancellationToken.None));
        world.BudgetFails = _ => false;
        int passed = 0;
        while ((await decider.DecideAsync(Call(), _ => Inspection.None, CancellationToken.None)).MayPass)
        {
            passed++;
        }

        Assert.Equal(10, passed);
    }

    [Fact]
    public async Task A_token_budget_is_over_by_at_most_what_calls_in_flight_used_beyond_their_reservation()
    {
        var world = new World();
        world.Publish("limits:\n  - { id: t, per: user, tokens: 1000, window: 1d, then: deny }\n");
        Decider decider = world.Decider();
        DecisionCall call = Call(DecisionActions.ModelInvoke) with { IsSettledLater = true, Estimate = new DecisionCost(300, 0) };
        var flying = new List<Decision>();
        while (flying.Count < 10 && await decider.DecideAsync(call, _ => Inspection.None, CancellationToken.None) is { MayPass: true } decision)
        {
            flying.Add(decision);
        }

        Assert.Equal(3, flying.Count);
        flying.ForEach(decision => decision.Settle(new DecisionCost(350, 0)));
        Decision denied = await decider.DecideAsync(call, _ => Inspection.None, CancellationToken.None);
        Assert.Equal(("t", "t"), (denied.Exceeded!.Limit.Id, denied.Verdict.Policy.Rule));
    }

    [Theory]
    [InlineData("usd: 100", "enforce", false)]
    [InlineData("usd: 100", "shadow", true)]
    [InlineData("tokens: 100", "enforce", true)]
    public async Task A_limit_in_dollars_refuses_what_has_no_price_where_settings_say_so(string measure, string mode, bool passes)
    {
        var world = new World();
        world.Publish($"mode: {mode}\nlimits:\n  - {{ id: money, per: user, {measure}, window: 1d, then: deny }}\n");
        DecisionCall call = Call(DecisionActions.ModelInvoke) with { IsSettledLater = true, Estimate = new DecisionCost(30, 0, PriceKnowledge.Refused) };
        Decision decision = await world.Decider().DecideAsync(call, _ => Inspection.None, CancellationToken.None);
        Assert.Equal(passes, decision.MayPass);
        Assert.Equal(passes ? null : "money", decision.Exceeded?.Limit.Id);
        Assert.Equal(!passes, decision.Reason?.Contains("not known", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public async Task A_journal_that_does_not_take_a_decision_is_known_to_be_unwritable_for_a_second()
    {
        var world = new World();
        world.Publish("limits:\n  - { id: a, per: user, calls: 1, window: 1d, then: deny }\n");
        world.Journal.Answer = AppendStatus.StorageFailed;
        DecisionLog log = world.Log();
        Decider decider = world.Decider();
        Decision lost = await decider.DecideAsync(Call() with { IsSettledLater = true }, _ => Inspection.None, CancellationToken.None);
        await Assert.ThrowsAsync<DecidingUnavailableException>(async () => await log.AppendInvokeAsync(lost, CancellationToken.None));
        Assert.True(log.IsKnownUnwritable(TenantId.Default));
        world.Time.Advance(TimeSpan.FromMilliseconds(DecisionLog.UnwritableMs + 1));
        Assert.False(log.IsKnownUnwritable(TenantId.Default));
        world.Journal.Answer = null;

        // What the lost one had reserved is there again.
        Decision next = await decider.DecideAsync(Call() with { IsSettledLater = true }, _ => Inspection.None, CancellationToken.None);
        Assert.True(next.MayPass);
        await log.AppendInvokeAsync(next, CancellationToken.None);
        Assert.False(log.IsKnownUnwritable(TenantId.Default));
        CanonicalEvent e = Assert.Single(world.Journal.Canonical(TenantId.Default));
        Assert.Equal(("decision", "allowed", "decide"), (e.Stream, e.Result, e.Source.Receiver));
    }

    [Fact]
    public async Task A_limit_in_shadow_counts_and_stops_nothing()
    {
        var world = new World();
        world.Publish("mode: shadow\nlimits:\n  - { id: a, per: user, calls: 1, window: 1d, then: deny }\n");
        Decider decider = world.Decider();
        for (int i = 0; i < 3; i++)
        {
            Assert.True((await decider.DecideAsync(Call(), _ => Inspection.None, CancellationToken.None)).MayPass);
        }
    }

    [Fact]
    public void An_approval_passes_once_and_only_for_the_same_key_and_content()
    {
        ApprovalAsk ask = new("d1", "k1", "x", "tool.call", null, null, null, null, null, "p", 1, "r", null);
        (ApprovalDocument document, ApprovalMessage asked) = ApprovalRules.Ask(new ApprovalDocument(), ask, "a1", 1000);
        Assert.Equal("required", asked.State);
        ActMessage act = new("i", "default", "k2", null, "admin", "approval.approve", "a1", null, 0, default);
        Assert.Equal(TenantChangeStatus.Locked, ApprovalRules.Decide(document, "a1", true, act with { KeyId = "k1" }, 2000).Change.Status);
        (document, TenantChange change) = ApprovalRules.Decide(document, "a1", true, act, 2000);
        Assert.Equal(TenantChangeStatus.Done, change.Status);
        Assert.Equal("required", ApprovalRules.Ask(document, ask with { Digest = "d2" }, "a2", 3000).Answer.State);
        Assert.Equal("required", ApprovalRules.Ask(document, ask with { KeyId = "k3" }, "a2", 3000).Answer.State);
        Assert.Equal("required", ApprovalRules.Ask(document, ask, "a2", 2001 + (long)ApprovalRules.WordCounts.TotalMilliseconds).Answer.State); // too late
        (document, ApprovalMessage passed) = ApprovalRules.Ask(document, ask, "a2", 3000);
        Assert.Equal(("a1", "approved"), (passed.Id, passed.State));
        Assert.Equal("required", ApprovalRules.Ask(document, ask, "a2", 3000).Answer.State); // once
    }

    [Fact]
    public void Approvals_are_bounded()
    {
        var document = new ApprovalDocument();
        for (int i = 0; i < ApprovalRules.MaxApprovals + 10; i++)
        {
            (document, _) = ApprovalRules.Ask(document, new ApprovalAsk("d" + i, "k1", "x", "tool.call", null, null, null, null, null, "p", 1, "r", null), $"a{i:D5}", 1000);
        }

        Assert.Equal(ApprovalRules.MaxApprovals, document.Approvals.Count);
        Assert.False(document.Approvals.ContainsKey("a00000"));
    }

    [Theory]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01", null)]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", null)]
    [InlineData("nonsense", null)]
    [InlineData("", null)]
    public void A_parent_that_is_none_counts_as_none(string header, string? trace)
    {
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        context.Request.Headers.TraceParent = header;
        context.Request.Headers["x-request-id"] = "bad id\u0001";
        DecisionContext read = DecisionContext.Of(context, "llm");
        Assert.Equal((trace, null), (read.TraceId, read.RequestId));
    }

    private static DecisionCall Call(string action = DecisionActions.ToolCall) => new(
        Agent, new DecisionRequest { Action = action, Caller = new DecisionCaller { KeyId = "k1", User = "jane" } }, new DecisionContext { Receiver = "decide" });

    private sealed class World : IDecidingStore, IApprovalStore
    {
        private readonly Dictionary<string, BudgetLedger> _ledgers = [];
        private readonly MemoryKeyring _keyring = new();
        private ImmutableArray<PolicyMessage> _policies = [];
        private long _version;

        public World() => Journal = new MemoryJournal(_keyring);

        public ManualTime Time { get; } = new();

        public MemoryJournal Journal { get; }

        public bool StoreFails { get; set; }

        public Func<string, bool> BudgetFails { get; set; } = _ => false;

        public DecidingCache Cache() => new(Time, this, _keyring);

        public Decider Decider() => new(Cache(), new BudgetBook(TakeAsync, Time), this, _keyring, Time);

        public DecisionLog Log() => new(new EncoderPool(), Journal, _keyring, Time);

        public void Publish(string source)
        {
            _policies = [new PolicyMessage("p", ++_version, "", source, 0, "")];
        }

        public Task<DecidingMessage> DecidingAsync(TenantId tenant, long knownVersion) =>
            StoreFails ? Task.FromException<DecidingMessage>(new TimeoutException()) : Task.FromResult(new DecidingMessage(_version, _version == knownVersion ? [] : _policies, []));

        public Task<ApprovalMessage> AskAsync(TenantId tenant, ApprovalAsk ask) => throw new NotSupportedException();

        public Task<TenantChange> DecideAsync(TenantId tenant, string id, bool approve, ActMessage act) => throw new NotSupportedException();

        public Task<ApprovalMessage?> FindAsync(TenantId tenant, string id) => throw new NotSupportedException();

        public Task<ImmutableArray<ApprovalMessage>> ListAsync(TenantId tenant, string? after, int limit) => throw new NotSupportedException();

        public Task<TenantChange> PutPolicyAsync(TenantId tenant, string name, string source, ActMessage act) => throw new NotSupportedException();

        public Task<TenantChange> RollbackPolicyAsync(TenantId tenant, string name, long version, ActMessage act) => throw new NotSupportedException();

        public Task<PolicyMessage?> FindPolicyAsync(TenantId tenant, string name, long version) => throw new NotSupportedException();

        public Task<ImmutableArray<PolicyMessage>> ListPolicyVersionsAsync(TenantId tenant, string name, long below, int limit) => throw new NotSupportedException();

        public Task<TenantChange> PutUpstreamAsync(TenantId tenant, UpstreamMessage upstream, bool keepCredential, ActMessage act) => throw new NotSupportedException();

        public Task<TenantChange> RemoveUpstreamAsync(TenantId tenant, string name, ActMessage act) => throw new NotSupportedException();

        private Task<BudgetGrant> TakeAsync(string key, BudgetAsk ask)
        {
            lock (_ledgers)
            {
                if (BudgetFails(key))
                {
                    return Task.FromException<BudgetGrant>(new TimeoutException());
                }

                if (!_ledgers.TryGetValue(key, out BudgetLedger? ledger))
                {
                    _ledgers[key] = ledger = new BudgetLedger(Guid.NewGuid().ToString(), []);
                }

                return Task.FromResult(ledger.Take(ask, Time.GetUtcNow().ToUnixTimeMilliseconds()));
            }
        }
    }
}
