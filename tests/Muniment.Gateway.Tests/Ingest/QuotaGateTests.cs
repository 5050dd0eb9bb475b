using Muniment.Events;
using Muniment.Gateway.Ingest.Limits;
using Muniment.Gateway.Tests.Hosting;
using Muniment.Journal;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Tests.Ingest;

public class QuotaGateTests
{
    [Fact]
    public void A_full_disk_quota_refuses_until_there_is_room_again()
    {
        var time = new ManualTime();
        var usage = new Usage { Bytes = 99 };
        var gate = new QuotaGate(time, usage);
        var quota = new QuotaMessage(0, 0, 100);
        Assert.Null(gate.Check(TenantId.Default, quota, 1, 1));
        usage.Bytes = 100;
        Assert.Null(gate.Check(TenantId.Default, quota, 1, 1));
        time.Advance(TimeSpan.FromMilliseconds(QuotaGate.DiskFreshMs));
        Assert.Null(gate.Check(TenantId.Default, quota, 1, 1));
        Assert.Contains("disk_bytes", gate.Check(TenantId.Default, quota, 1, 1)!.Detail, StringComparison.Ordinal);
        usage.Bytes = 10;
        time.Advance(TimeSpan.FromMilliseconds(QuotaGate.DiskFreshMs));
        gate.Check(TenantId.Default, quota, 1, 1);
        Assert.Null(gate.Check(TenantId.Default, quota, 1, 1));
        Assert.Equal(3, usage.Looks);
    }

    [Fact]
    public void A_request_larger_than_the_bucket_passes_when_it_is_full_and_is_paid_for_afterwards()
    {
        var time = new ManualTime();
        var gate = new QuotaGate(time);
        var quota = new QuotaMessage(10, 0, 0);
        Assert.Null(gate.Check(TenantId.Default, quota, 35, 1));
        time.Advance(TimeSpan.FromSeconds(2.5));
        Assert.NotNull(gate.Check(TenantId.Default, quota, 1, 1));
        time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Null(gate.Check(TenantId.Default, quota, 1, 1));
    }

    [Fact]
    public void Looking_refuses_as_checking_does_and_counts_nothing()
    {
        var time = new ManualTime();
        var gate = new QuotaGate(time);
        var quota = new QuotaMessage(100, 5000, 0);
        for (int i = 0; i < 5; i++)
        {
            Assert.Null(gate.Look(TenantId.Default, quota, 60, 2000));
        }

        Assert.Null(gate.Check(TenantId.Default, quota, 60, 2000));
        Assert.Null(gate.Look(TenantId.Default, quota, 40, 3000));
        Assert.Same(gate.Check(TenantId.Default, quota, 41, 1), gate.Look(TenantId.Default, quota, 41, 1));
        Assert.Contains("bytes_per_day", gate.Look(TenantId.Default, quota, 1, 3001)!.Detail, StringComparison.Ordinal);
        Assert.True(gate.Look(TenantId.Default, quota, 41, 1)!.IsHeld);
        Assert.Null(gate.Look(TenantId.Default, QuotaMessage.None, 1000, 1));
    }

    private sealed class Usage : IJournalUsage
    {
        public long Bytes { get; set; }

        public int Looks { get; private set; }

        public Task<long> StoredBytesAsync(TenantId tenant, CancellationToken cancellationToken)
        {
            Looks++;
            return Task.FromResult(Bytes);
        }
    }
}
