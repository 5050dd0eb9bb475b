using Muniment.Cluster.Tests.Platform;
using Muniment.Events;
using Muniment.Messages.Journal;

namespace Muniment.Cluster.Tests.Journal;

/// <summary>Two activations of one journal that truly live at once: one wins, the other is told so, and there is no fork.</summary>
public sealed class TwoActivationsTests : IAsyncLifetime
{
    private readonly TenantId _tenant = TestTenants.New();
    private PlatformStore _store = null!;
    private PlatformCluster _one = null!;
    private PlatformCluster _two = null!;

    public async Task InitializeAsync()
    {
        _store = await PlatformStore.OpenAsync();
        _one = await PlatformCluster.StartAsync(_store, 1);
        _two = await PlatformCluster.StartAsync(_store, 1);
    }

    public async Task DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task The_older_activation_is_fenced_and_its_request_stored_when_asked_again()
    {
        IJournalGrain older = _one.Grains.GetGrain<IJournalGrain>(_tenant.Value);
        IJournalGrain newer = _two.Grains.GetGrain<IJournalGrain>(_tenant.Value);
        Sender sender = new(_one.Grains, _tenant, _store.Journal.Keyring);
        SentRequest first = sender.Make("first", 2);
        SentRequest second = sender.Make("second", 3);
        SentRequest third = sender.Make("third", 1);
        AppendResult stored = await older.Append(first.Message);
        AppendResult storedNext = await newer.Append(second.Message);
        AppendResult fenced = await older.Append(third.Message);
        Assert.Equal((AppendStatus.Fenced, -1L), (fenced.Status, fenced.FirstSeq));
        Assert.Equal(5, (await newer.GetStatus()).Size);
        Acknowledged again = await sender.SendAsync(third);
        Assert.Equal(AppendStatus.Accepted, again.Result.Status);
        Acknowledged[] done = [new(first, stored, 1), new(second, storedNext, 1), again];
        Assert.Equal(6, await LogCheck.HoldsExactlyAsync(_store, _one.Grains, _tenant, done));
        Assert.Equal(3, (await older.GetStatus()).Epoch);

        // A repeat through the other door is known there too, though its activation is behind: it is fenced first and learns.
        Acknowledged repeat = await new Sender(_two.Grains, _tenant, _store.Journal.Keyring).SendAsync(first);
        Assert.Equal((AppendStatus.Repeated, 0L, 1L), (repeat.Result.Status, repeat.Result.FirstSeq, repeat.Result.LastSeq));
    }

    [Fact]
    public async Task Taking_over_is_enough_to_fence_even_before_the_newer_writes()
    {
        IJournalGrain older = _one.Grains.GetGrain<IJournalGrain>(_tenant.Value);
        Sender sender = new(_one.Grains, _tenant, _store.Journal.Keyring);
        Assert.Equal(1, (await older.GetStatus()).Epoch);
        Assert.Equal(2, (await _two.Grains.GetGrain<IJournalGrain>(_tenant.Value).GetStatus()).Epoch);
        SentRequest request = sender.Make("late", 2);
        Assert.Equal(AppendStatus.Fenced, (await older.Append(request.Message)).Status);
        Assert.Equal(0, await _store.Journal.Reader.SizeAsync(_tenant, CancellationToken.None));
        await LogCheck.HoldsExactlyAsync(_store, _one.Grains, _tenant, [await sender.SendAsync(request)]);
    }

    [Fact]
    public async Task Two_clusters_that_fight_for_one_log_do_not_fork_it()
    {
        Load load = Load.Start(_tenant, _store.Journal.Keyring, [_one.Grains, _two.Grains], 4, 20);
        Acknowledged[] done = await load.Completion;
        Assert.True(_store.Commits.Fenced > 0, "two activations that both append must have met");

        // The one that was beaten last does not know it yet: its next append tells it, and then it knows all.
        Sender sender = new(_one.Grains, _tenant, _store.Journal.Keyring);
        Acknowledged last = await sender.SendAsync(sender.Make("last", 1));
        await LogCheck.HoldsExactlyAsync(_store, _one.Grains, _tenant, [.. done, last]);
    }

#if ORLEANS_LOCAL
    [Fact]
    public async Task A_directory_that_forgets_an_activation_makes_no_fork()
    {
        IJournalGrain grain = _one.Grains.GetGrain<IJournalGrain>(_tenant.Value);
        Sender sender = new(_one.Grains, _tenant, _store.Journal.Keyring);
        List<Acknowledged> done = [await sender.SendAsync(sender.Make("before", 2))];
        IJournalGrain forgotten = Orleans.Local.LocalTestHooks.ForceDuplicateActivation(_one.Silos.GetSiloServiceProvider(), grain);
        Assert.Equal(1, (await forgotten.GetStatus()).Epoch);
        done.Add(await sender.SendAsync(sender.Make("after", 2)));
        Assert.Equal(2, (await grain.GetStatus()).Epoch);
        SentRequest late = sender.Make("late", 2);
        Assert.Equal(AppendStatus.Fenced, (await forgotten.Append(late.Message)).Status);
        done.Add(await sender.SendAsync(late));
        Assert.Equal(2, (await grain.GetStatus()).Epoch);
        await LogCheck.HoldsExactlyAsync(_store, _one.Grains, _tenant, done);
    }
#endif
}
