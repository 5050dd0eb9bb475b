using System.Text;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Otlp;
using Muniment.Gateway.Access;
using Muniment.Gateway.Ingest;
using Muniment.Gateway.Ingest.Otlp;
using Muniment.Gateway.Tests.Hosting;

namespace Muniment.Gateway.Tests.Ingest;

public class OtlpAllocationTests
{
    [Fact]
    public void Encoding_a_thousand_records_allocates_the_segment_and_nothing_per_record()
    {
        byte[] body = OtlpBodies.Proto(OtlpSignal.Logs, OtlpBodies.Logs(1000));
        var keys = new MemoryKeyring().Current(TenantId.Default);
        var intake = new Intake(new Caller(TenantId.Default, "k", Role.Ingest, null, null, false), Receivers.OtlpHttp, "127.0.0.1", 1_772_000_000_000_000_000);
        using var encoder = new SegmentEncoder();
        for (int i = 0; i < 3; i++)
        {
            OtlpSegments.Encode(encoder, keys, OtlpSignal.Logs, body, intake, 10_000, false);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        OtlpEncoded encoded = OtlpSegments.Encode(encoder, keys, OtlpSignal.Logs, body, intake, 10_000, false);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        long product = encoded.Segments.Sum(segment => (long)segment.Payload.Length + segment.Leaves.Length + segment.Terms.Length);
        Assert.Equal(1000, encoded.Accepted);
        Assert.True(allocated - product < 32 * 1024, $"{allocated} bytes allocated, {product} of them the segment");
        Assert.DoesNotContain("probe", Encoding.UTF8.GetString(encoded.Segments[0].Payload.Span), StringComparison.Ordinal);
    }
}
