using Muniment.Cluster.Tests.Platform;
using Muniment.Events;
using Muniment.Messages.Journal;
using Orleans.TestingHost;

namespace Muniment.Cluster.Tests.Journal;

public sealed class LostSiloTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_silo_of_the_journal_goes_in_mid_flow_and_the_other_goes_on(bool killed)
    {
        await using PlatformStore store = await PlatformStore.OpenAsync();
        await using PlatformCluster cluster = await PlatformCluster.StartAsync(store, 2);
        TenantId tenant = TestTenants.New();
        IJournalGrain grain = cluster.Grains.GetGrain<IJournalGrain>(tenant.Value);
        await grain.GetStatus();
        InProcessSiloHandle going = await cluster.SiloOfAsync(grain.GetGrainId());
        int staying = cluster.Silos.Silos[0].SiloAddress.Equals(going.SiloAddress) ? 1 : 0;
        IGrainFactory door = cluster.Door(staying);
        Load load = Load.Start(tenant, store.Journal.Keyring, [door], 8, 30);
        await load.ReachedAsync(0.3);
        await (killed ? cluster.Silos.KillSiloAsync(going) : cluster.Silos.StopSiloAsync(going));
        await LogCheck.HoldsExactlyAsync(store, door, tenant, await load.Completion);
        Assert.True((await door.GetGrain<IJournalGrain>(tenant.Value).GetStatus()).Epoch > 1);
    }
}
