using System.Text;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Gateway.Deciding.Budgets;
using Muniment.Messages.Budgets;
using Muniment.Messages.Destinations;
using Muniment.Messages.Sessions;
using Muniment.Messages.Tenants;
using Muniment.Testing;

namespace Muniment.Cluster.Tests.Platform;

/// <summary>What a customer does, in one tenant: it is made, gets keys, a destination with a collector behind it, events from both silos, and somebody looks at its sessions meanwhile.</summary>
internal sealed class Scenario : IAsyncDisposable
{
    private const string Token = "a-token";
    private const int KeysAdded = 12;
    private static readonly SessionQuestion AllSessions = new(null, null, null, null, null, long.MaxValue, 100);
    private readonly PlatformCluster _cluster;
    private readonly IGrainFactory _door;
    private readonly HecSink _sink;
    private Task<int> _keys = null!;
    private Task _looks = null!;
    private Task _budget = null!;

    private Scenario(PlatformCluster cluster, IGrainFactory door, HecSink sink) => (_cluster, _door, _sink) = (cluster, door, sink);

    public TenantId Tenant { get; } = TestTenants.New();

    public Load Load { get; private set; } = null!;

    public GrainId Destination => _door.GetGrain<IDestinationGrain>(Tenant.Value + "/hec").GetGrainId();

    /// <summary>Starts everything; events come through <paramref name="doors"/>, the first of them also administers; <paramref name="most"/> as in <see cref="Load.Start"/>.</summary>
    public static async Task<Scenario> StartAsync(PlatformCluster cluster, IReadOnlyList<IGrainFactory> doors, int sendersEach, int requestsEach, double most = 1)
    {
        Scenario scenario = new(cluster, doors[0], await HecSink.StartAsync(Token));
        ITenantDirectoryGrain directory = doors[0].GetGrain<ITenantDirectoryGrain>(ITenantDirectoryGrain.Key);
        TenantChange made = await directory.Create(new TenantMessage(scenario.Tenant.Value, null, null, QuotaMessage.None, 1), Key("first"), null);
        Assert.Equal(TenantChangeStatus.Done, made.Status);
        await doors[0].GetGrain<IDestinationSweeperGrain>("0").Start();
        string json = $$$"""{"id":"hec","kind":"splunk_hec","endpoint":"{{{scenario._sink.Address}}}","credential":{"token":"{{{Token}}}"},"start":"beginning","batch":{"max_events":16,"max_age_ms":0} }""";
        DestinationAnswer answer = await doors[0].GetGrain<IDestinationGrain>(scenario.Tenant.Value + "/hec").Create(Encoding.UTF8.GetBytes(json), null);
        Assert.True(answer.Code == DestinationStatusCode.Done, $"{answer.Field}: {answer.Detail}");
        scenario.Load = Load.Start(scenario.Tenant, cluster.Store.Journal.Keyring, doors, sendersEach, requestsEach, most);
        scenario._keys = scenario.AddKeysAsync();
        scenario._looks = scenario.LookAsync();
        scenario._budget = scenario.SpendAsync(doors);
        return scenario;
    }

    /// <summary>All traffic ended: every event is in the log once, every event reached the collector in order, every key and the tenant itself are known.</summary>
    public async Task LostNothingAsync()
    {
        long size = await LogCheck.HoldsExactlyAsync(_cluster.Store, _door, Tenant, await Load.Completion);
        await _keys.WaitAsync(PlatformCluster.Patience);
        await _looks.WaitAsync(PlatformCluster.Patience);
        await _budget.WaitAsync(PlatformCluster.Patience);
        await SessionsAreWholeAsync();
        await Until(() => Task.FromResult(FirstArrivals().Count == size), () => $"{FirstArrivals().Count} of {size} events arrived");

        // Delivery promises at least once: what was under way when its grain ended may come again, but never out of order at its first coming.
        List<HecArrival> arrivals = FirstArrivals();
        Assert.Equal(Enumerable.Range(0, (int)size).Select(i => ((long)i, (long)i)), arrivals.Select(a => (a.Seq, a.N)));
        TenantSnapshotMessage snapshot = await _door.GetGrain<ITenantGrain>(Tenant.Value).GetSnapshot(-1);
        Assert.Equal([.. Enumerable.Range(0, KeysAdded).Select(i => "k" + i), "first"], snapshot.Keys.Select(k => k.Id).OrderBy(id => id == "first").ThenBy(id => id.Length).ThenBy(id => id, StringComparer.Ordinal));
        TenantListMessage list = await _door.GetGrain<ITenantDirectoryGrain>(ITenantDirectoryGrain.Key).List(-1);
        Assert.Contains(list.Tenants, t => t.Id == Tenant.Value);
    }

    public async ValueTask DisposeAsync()
    {
        await _door.GetGrain<IDestinationGrain>(Tenant.Value + "/hec").Delete(-1, null);
        await _sink.DisposeAsync();
    }

    public static async Task Until(Func<Task<bool>> condition, Func<string> what)
    {
        long until = Environment.TickCount64 + (long)PlatformCluster.Patience.TotalMilliseconds;
        while (!await condition())
        {
            Assert.True(Environment.TickCount64 < until, what());
            await Task.Delay(10);
        }
    }

    private List<HecArrival> FirstArrivals() => [.. _sink.Arrivals.DistinctBy(a => a.Seq)];

    /// <summary>Each session has exactly the events that were acknowledged of it, in the list and by itself.</summary>
    private async Task SessionsAreWholeAsync()
    {
        foreach (IGrouping<string, Acknowledged> session in (await Load.Completion).GroupBy(a => a.Request.Session))
        {
            SessionMessage one = await _door.GetGrain<ISessionGrain>($"{Tenant.Value}/{session.Key}").Get();
            Assert.Equal((session.Sum(a => (long)a.Request.Segment.Count), session.Max(a => a.Result.LastSeq)), (one.Events, one.LastSeq));
        }

        SessionPageMessage page = await _door.GetGrain<ISessionProjectionGrain>(Tenant.Value).List(AllSessions);
        Assert.Equal(
            (await Load.Completion).GroupBy(a => a.Request.Session).Select(s => (s.Max(a => a.Result.LastSeq), s.Sum(a => (long)a.Request.Segment.Count))).OrderDescending(),
            page.Sessions.Select(s => (s.LastSeq, s.Events)));
    }

    /// <summary>Looks at one session and at the list as long as events come; a session never shrinks.</summary>
    private async Task LookAsync()
    {
        long seen = 0;
        while (!Load.Completion.IsCompleted)
        {
            try
            {
                SessionMessage session = await _door.GetGrain<ISessionGrain>(Tenant.Value + "/s0").Get();
                Assert.True(session.Events >= seen, $"a session of {seen} events came back with {session.Events}");
                seen = session.Events;
                await _door.GetGrain<ISessionProjectionGrain>(Tenant.Value).List(AllSessions);
            }
            catch (Exception e) when (e is TimeoutException or OrleansException)
            {
                // its silo is gone; ask again
            }
        }
    }

    /// <summary>Spends of one budget through every door, and asks for one approval, as long as events come. A budget that ended is made again; an approval is asked for once, however often.</summary>
    private async Task SpendAsync(IReadOnlyList<IGrainFactory> doors)
    {
        BudgetSpec spec = new(50, 3_600_000, -1);
        string key = BudgetKey.Of("p", "l", "user:x", spec.WindowMs, spec.StartMs);
        ApprovalAsk ask = new("digest", "k0", "decision", "tool.call", null, null, null, null, null, "p", 1, "r", null);
        string? approval = null;
        BudgetBook[] books = [.. doors.Select(door => new BudgetBook(door, TimeProvider.System))];
        do
        {
            foreach (BudgetBook book in books)
            {
                try
                {
                    (await book.ReserveAsync(Tenant, key, spec, 1))?.Settle(0);
                }
                catch (BudgetUnavailableException)
                {
                    // its silo is gone; ask again
                }
            }

            try
            {
                ApprovalMessage message = await doors[0].GetGrain<IApprovalsGrain>(Tenant.Value).Ask(ask);
                Assert.Equal((approval ??= message.Id, "required"), (message.Id, message.State));
            }
            catch (Exception e) when (e is TimeoutException or OrleansException)
            {
                // its silo is gone; ask again
            }
        }
        while (!Load.Completion.IsCompleted);
    }

    /// <summary>Keys made along the whole run, each asked for until it is there: one whose answer was lost is a conflict when asked for again.</summary>
    private async Task<int> AddKeysAsync()
    {
        for (int i = 0; i < KeysAdded; i++)
        {
            await Load.ReachedAsync((double)i / KeysAdded);
            await Until(async () => await AddKeyAsync("k" + i), () => $"key {i} was not made");
        }

        return KeysAdded;
    }

    private async Task<bool> AddKeyAsync(string id)
    {
        try
        {
            return (await _door.GetGrain<ITenantGrain>(Tenant.Value).AddKey(Key(id), null)).Status is TenantChangeStatus.Done or TenantChangeStatus.Conflict;
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            return false; // its silo is gone; ask again
        }
    }

    private static KeyMessage Key(string id) => new(id, "ingest", null, new byte[32], null, null, false, 1, 0);
}
