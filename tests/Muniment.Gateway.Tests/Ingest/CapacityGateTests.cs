using Microsoft.Extensions.Options;
using Muniment.Events;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest.Limits;

namespace Muniment.Gateway.Tests.Ingest;

public class CapacityGateTests
{
    private static readonly TenantId Flood = TenantId.Parse("flood");
    private static readonly TenantId Quiet = TenantId.Parse("quiet");

    [Fact]
    public void A_flood_of_one_tenant_leaves_room_for_another()
    {
        CapacityGate gate = Gate(1000);
        int taken = 0;
        while (gate.TryTake(Flood, 100))
        {
            taken++;
        }

        Assert.Equal(5, taken);
        Assert.True(gate.TryTake(Quiet, 100));
        Assert.True(gate.TryTake(Quiet, 200));
        Assert.False(gate.TryTake(Flood, 100));
    }

    [Fact]
    public void One_large_request_passes_when_nothing_else_is_held()
    {
        CapacityGate gate = Gate(1000);
        Assert.True(gate.TryTake(Flood, 1000));
        Assert.False(gate.TryTake(Quiet, 1));
        gate.Return(Flood, 1000);
        Assert.True(gate.TryTake(Quiet, 1));
        Assert.Equal(1, gate.TotalBytes);
    }

    [Fact]
    public void What_was_taken_is_given_back()
    {
        CapacityGate gate = Gate(1000);
        for (int i = 0; i < 100; i++)
        {
            using var lease = new CapacityLease(gate, Flood);
            Assert.True(lease.TryGrowTo(100));
            Assert.True(lease.TryGrowTo(50));
            Assert.True(lease.TryGrowTo(400));
            Assert.False(lease.TryGrowTo(5000));
            Assert.Equal(400, gate.TotalBytes);
        }

        Assert.Equal(0, gate.TotalBytes);
    }

    private static CapacityGate Gate(long bytes) => new(Options.Create(new GatewayOptions { MaxBytesInFlight = bytes }));
}
