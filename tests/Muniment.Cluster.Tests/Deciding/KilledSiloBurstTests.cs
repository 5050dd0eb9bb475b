using Muniment.Cluster.Tests.Platform;
using Muniment.Events;
using Muniment.Gateway.Deciding;
using Orleans.TestingHost;

namespace Muniment.Cluster.Tests.Deciding;

/// <summary>A whole silo, with its gateway and the budget's grain, is killed in the middle of a burst that comes through two gateways.</summary>
public sealed class KilledSiloBurstTests
{
    private const int Callers = 16;
    private const int Calls = 200;

    [Fact]
    public async Task On_fifty_there_pass_fifty_and_at_most_what_was_in_flight_when_the_silo_died()
    {
        await using PlatformStore store = await PlatformStore.OpenAsync();
        await using PlatformCluster cluster = await PlatformCluster.StartAsync(store, 2);
        TenantId tenant = TestTenants.New();
        LimitGateway[] gateways = await LimitGateway.SetUpAsync(cluster, tenant, "limits: [{ id: fifty, per: project, calls: 50, window: 1d, then: deny }]");
        Assert.True((await gateways[0].CallAsync()).MayPass);
        InProcessSiloHandle going = await cluster.SiloOfAsync((await cluster.ActivationsAsync("budget", tenant)).Single());
        int dying = cluster.Silos.Silos[0].SiloAddress.Equals(going.SiloAddress) ? 0 : 1;
        int allowed = 1, asked = 0;
        var due = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task[] callers = [.. Enumerable.Range(0, Callers).Select(i => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref asked) <= Calls)
            {
                bool ofDying = i % 2 == dying;
                if (await TryCallAsync(gateways[i % 2], retries: !ofDying) is not { } passed)
                {
                    return; // a client of the gateway that is gone
                }

                if (passed && Interlocked.Increment(ref allowed) == 20)
                {
                    due.SetResult();
                }
            }
        }))];
        await due.Task.WaitAsync(PlatformCluster.Patience);
        await cluster.Silos.KillSiloAsync(going);
        await Task.WhenAll(callers).WaitAsync(PlatformCluster.Patience);

        // The burst goes on through the gateway that is left, until the limit is reached.
        while (await TryCallAsync(gateways[1 - dying], retries: true) is true)
        {
            allowed++;
        }

        Assert.InRange(allowed, 50 - Callers, 50 + Callers); // below: calls of the dead gateway whose first event was durable, and which no client was told of
        Assert.False(await TryCallAsync(gateways[1 - dying], retries: true));
    }

    // Whether it passed; null when its gateway is gone. A client is told only after the first event is durable.
    private static async Task<bool?> TryCallAsync(LimitGateway gateway, bool retries)
    {
        for (long until = Environment.TickCount64 + (long)PlatformCluster.Patience.TotalMilliseconds; Environment.TickCount64 < until;)
        {
            try
            {
                return (await gateway.CallAsync()).MayPass;
            }
            catch (Exception) when (!retries)
            {
                return null;
            }
            catch (Exception e) when (e is DecidingUnavailableException or TimeoutException or OrleansException)
            {
                await Task.Delay(10); // 503: the grain's silo is gone, and another one is about to take it
            }
        }

        throw new TimeoutException("the gateway that is left does not get an answer");
    }
}
