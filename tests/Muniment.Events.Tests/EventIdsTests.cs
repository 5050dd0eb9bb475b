using FsCheck;
using FsCheck.Fluent;

namespace Muniment.Events.Tests;

public sealed class EventIdsTests
{
    private static readonly TenantId Tenant = TenantId.Parse("acme");

    [Fact]
    public void TheSeqComesBackOutOfAnIdOfOurs() => Prop.ForAll((DoNotSize<long> anySeq, DoNotSize<long> anyTime) =>
    {
        long wanted = anySeq.Item & ((1L << 48) - 1);
        string id = EventIds.Compute(Tenant, wanted, anyTime.Item & long.MaxValue);
        return id[14] == '7' && id[19] is '8' or '9' or 'a' or 'b' && EventIds.TryDecodeSeq(Tenant, id, out long seq) && seq == wanted;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void TheTimeOfReceiptStandsInFrontAsUuidVersion7Asks()
    {
        string id = EventIds.Compute(Tenant, 7, 1795255340123_000_000);
        Assert.Equal(1795255340123, Convert.ToInt64(id[..8] + id[9..13], 16));
        Assert.Equal(id, EventIds.Compute(Tenant, 7, 1795255340123_000_000));
    }

    [Fact]
    public void OtherUuidsAndOtherTenantsIdsAreNotTakenForOurs()
    {
        for (int i = 0; i < 1000; i++)
        {
            Assert.False(EventIds.TryDecodeSeq(Tenant, Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddDays(i)).ToString(), out _));
        }

        string id = EventIds.Compute(Tenant, 5, 1795255340123_000_000);
        Assert.False(EventIds.TryDecodeSeq(TenantId.Parse("other"), id, out _));
        Assert.False(EventIds.TryDecodeSeq(Tenant, id.ToUpperInvariant(), out _));
        Assert.False(EventIds.TryDecodeSeq(Tenant, "evt-1", out _));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("evt 1/x:~", true)]
    [InlineData("", false)]
    [InlineData("é", false)]
    [InlineData("a\n", false)]
    public void SendersIdsArePrintableAscii(string id, bool valid) => Assert.Equal(valid, EventIds.IsValid(id));

    [Fact]
    public void SendersIdsHaveAtMost128Characters()
    {
        Assert.True(EventIds.IsValid(new string('x', 128)));
        Assert.False(EventIds.IsValid(new string('x', 129)));
    }
}
