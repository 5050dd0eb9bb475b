using Muniment.Cluster.Tests.Platform;
using Muniment.Events;
using Muniment.Events.Keys;
using Muniment.Journal.Storage;
using Muniment.Messages.Journal;

namespace Muniment.Cluster.Tests.Journal;

[Collection(TwoSilos.Name)]
public sealed class JournalGrainTests(PlatformFixture fixture)
{
    private readonly TenantId _tenant = TestTenants.New();

    private PlatformCluster Cluster => fixture.Cluster;

    private ITenantKeyring Keyring => fixture.Store.Journal.Keyring;

    private IJournalGrain Grain => Cluster.Grains.GetGrain<IJournalGrain>(_tenant.Value);

    [Fact]
    public async Task Appends_from_both_silos_are_numbered_densely_and_the_root_is_theirs()
    {
        Acknowledged[] done = await Load.Start(_tenant, Keyring, [Cluster.Door(0), Cluster.Door(1)], 8, 20).Completion;
        Assert.All(done, d => Assert.Equal(AppendStatus.Accepted, d.Result.Status));
        await LogCheck.HoldsExactlyAsync(fixture.Store, Cluster.Grains, _tenant, done);
        Assert.Equal(1, (await Grain.GetStatus()).Epoch);
    }

    [Fact]
    public async Task A_request_sent_many_times_at_once_is_stored_once_and_answered_alike()
    {
        SentRequest request = new Sender(Cluster.Door(0), _tenant, Keyring).Make("once", 3);
        AppendResult[] results = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => new Sender(Cluster.Door(i % 2), _tenant, Keyring).AskAsync(request)));
        AppendResult stored = Assert.Single(results, r => r.Status == AppendStatus.Accepted);
        AppendResult[] repeats = [.. results.Where(r => r.Status == AppendStatus.Repeated)];
        Assert.Equal(15, repeats.Length);
        Assert.All(repeats, r => Assert.Equal((stored.FirstSeq, stored.LastSeq), (r.FirstSeq, r.LastSeq)));
        Assert.All(repeats, r => Assert.Equal(request.Answer, r.Answer.ToArray()));

        await Cluster.Silos.DeactivateAsync(Grain);
        AppendResult later = await new Sender(Cluster.Door(1), _tenant, Keyring).AskAsync(request);
        Assert.Equal((AppendStatus.Repeated, 0L, 2L), (later.Status, later.FirstSeq, later.LastSeq));
        await LogCheck.HoldsExactlyAsync(fixture.Store, Cluster.Grains, _tenant, [new Acknowledged(request, stored, 1)]);
    }

    [Fact]
    public async Task One_id_in_many_requests_at_once_is_stored_once_and_the_others_hear_which()
    {
        Sender[] senders = [new(Cluster.Door(0), _tenant, Keyring), new(Cluster.Door(1), _tenant, Keyring)];
        SentRequest[] requests = [.. Enumerable.Range(0, 12).Select(i => senders[0].Make("r" + i, 2, ids: [new EventIdMessage(1, 7, 9, (ulong)(i % 2))]))];
        AppendResult[] results = await Task.WhenAll(requests.Select((r, i) => senders[i % 2].AskAsync(r)));
        int winner = Array.FindIndex(results, r => r.Status == AppendStatus.Accepted);
        for (int i = 0; i < results.Length; i++)
        {
            if (i != winner)
            {
                Assert.Equal(AppendStatus.IdsKnown, results[i].Status);
                Assert.Equal(new KnownIdMessage(1, SameContent: i % 2 == winner % 2), Assert.Single(results[i].KnownIds));
            }
        }

        await LogCheck.HoldsExactlyAsync(fixture.Store, Cluster.Grains, _tenant, [new Acknowledged(requests[winner], results[winner], 1)]);
    }

    [Fact]
    public async Task An_activation_ended_again_and_again_in_mid_flow_loses_nothing_and_stores_nothing_twice()
    {
        const int times = 8;
        Load load = Load.Start(_tenant, Keyring, [Cluster.Door(0), Cluster.Door(1)], 6, 24);
        for (int i = 1; i <= times; i++)
        {
            await load.ReachedAsync(i / (times + 2.0));
            await Cluster.Silos.DeactivateAsync(Grain);
        }

        await LogCheck.HoldsExactlyAsync(fixture.Store, Cluster.Grains, _tenant, await load.Completion);
        Assert.True((await Grain.GetStatus()).Epoch > times, "each end is followed by a new epoch");
    }

    [Fact]
    public async Task Collection_under_load_loses_nothing()
    {
        Load load = Load.Start(_tenant, Keyring, [Cluster.Door(0), Cluster.Door(1)], 2, 30);
        while (!load.Completion.IsCompleted)
        {
            await Cluster.Management.ForceActivationCollection(TimeSpan.Zero);
        }

        await LogCheck.HoldsExactlyAsync(fixture.Store, Cluster.Grains, _tenant, await load.Completion);
        await Cluster.Management.ForceActivationCollection(TimeSpan.Zero);
        await LogCheck.HoldsExactlyAsync(fixture.Store, Cluster.Grains, _tenant, await load.Completion);
    }

    [Fact]
    public async Task A_full_write_queue_is_told_as_overload_and_ends_no_activation()
    {
        Sender sender = new(Cluster.Door(0), _tenant, Keyring);
        await Grain.GetStatus();
        fixture.Store.Commits.BusyFor(_tenant, 1);
        SentRequest request = sender.Make("patient", 2);
        Assert.Equal(AppendStatus.Overloaded, (await sender.AskAsync(request)).Status);
        Acknowledged stored = await sender.SendAsync(request);
        Assert.Equal((AppendStatus.Accepted, 1), (stored.Result.Status, stored.Attempts));
        Assert.Equal(1, (await Grain.GetStatus()).Epoch);
        await LogCheck.HoldsExactlyAsync(fixture.Store, Cluster.Grains, _tenant, [stored]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_log_that_cannot_be_taken_over_is_told_as_unavailable_and_works_when_it_can(bool busy)
    {
        Sender sender = new(Cluster.Door(1), _tenant, Keyring);
        SentRequest request = sender.Make("patient", 2);
        fixture.Store.Commits.CannotAcquire(_tenant, busy ? new StorageBusyException("the write queue is full") : new StorageFailedException("the disk is gone", new IOException("eio")));
        Assert.Equal(AppendStatus.StorageFailed, (await sender.AskAsync(request)).Status);
        fixture.Store.Commits.CannotAcquire(_tenant, null);
        await LogCheck.HoldsExactlyAsync(fixture.Store, Cluster.Grains, _tenant, [await sender.SendAsync(request)]);
    }
}
