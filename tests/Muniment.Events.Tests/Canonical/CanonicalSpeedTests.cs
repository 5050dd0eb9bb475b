using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Writing;
using Xunit.Abstractions;

namespace Muniment.Events.Tests.Canonical;

/// <summary>The hot path's allocation is asserted; its time is only printed, because a test must not fail on a busy machine.</summary>
public sealed class CanonicalSpeedTests(ITestOutputHelper output)
{
    private const string Json1 = """
        {"id":"0190b7f2-aaaa-7bbb-8ccc-0123456789ab","ts":"2026-11-21T10:02:20.123456789Z","actor":{"id":"claude","type":"agent","user":"j@acme.com"},"agent":{"kind":"claude-code","version":"2.1.0","surface":"cli"},"action":"tool.call","target":"repo/acme","trace":{"session":"5c1b2a90-1111-2222-3333-444455556666","correlation":"req-000012345"},"result":"success","risk":"low","resource":{"project":"payments","team":"core"},"model":{"provider":"anthropic","requested":"claude-x"},"usage":{"input":1200,"output":340},"tool":{"name":"bash","namespace":"native","duration_ms":12.5,"success":true},"details":{"attributes":{"a":1}}}
        """;

    [Fact]
    public void ReadingAndWritingOneEventIsCheap()
    {
        var stored = new StoredEvent(1, Reading.ReceivedNs, EntryKind.Event, EnvelopeCodec.Write(Reading.Plain), default, default, Encoding.UTF8.GetBytes(Json1));
        var reader = new EventReader(Reading.Tenant);
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(buffer, JsonText.Compact);
        void Once()
        {
            buffer.ResetWrittenCount();
            writer.Reset();
            CanonicalJsonWriter.Write(reader.Read(stored), writer);
            writer.Flush();
        }

        for (int i = 0; i < 20_000; i++)
        {
            Once();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        double best = double.MaxValue;
        const int Rounds = 100, EventsPerRound = 500;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < EventsPerRound; i++)
            {
                Once();
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / EventsPerRound);
        }

        long bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (Rounds * EventsPerRound);
        output.WriteLine($"{Json1.Length} B event: {best:F2} us in the best round, {bytes} B allocated");
        Assert.InRange(bytes, 1, 3000);
    }
}
