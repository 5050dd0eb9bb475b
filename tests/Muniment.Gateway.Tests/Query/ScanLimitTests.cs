using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Gateway.Access;
using Muniment.Gateway.Query;
using Muniment.Gateway.Query.Endpoints;
using Muniment.Gateway.Query.Scanning;
using Muniment.Gateway.Tests.Hosting;
using Muniment.Journal;

namespace Muniment.Gateway.Tests.Query;

/// <summary>A scan that takes too long answers what it has, and where to go on.</summary>
public sealed class ScanLimitTests
{
    private static readonly TenantId Tenant = TenantId.Parse("acme");

    /// <summary>Each look at the clock takes longer than a scan may.</summary>
    private sealed class SlowTime : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => ticks += QueryLimits.MaxScanMs + 1;
    }

    private sealed class Blocks(int count, int eventsPerBlock) : IJournalReader
    {
        private static readonly byte[] Envelope = EnvelopeCodec.Write(new Envelope { Stream = "activity", Receiver = "events" });

        public ValueTask<long> SizeAsync(TenantId tenant, CancellationToken cancellationToken) => ValueTask.FromResult((long)count * eventsPerBlock);

        public async IAsyncEnumerable<JournalBlock> ReadAsync(TenantId tenant, SeqRange range, BlockFilter filter, bool newestFirst, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            foreach (int block in newestFirst ? Enumerable.Range(0, count).Reverse() : Enumerable.Range(0, count))
            {
                StoredEvent[] events = [.. Enumerable.Range(block * eventsPerBlock, eventsPerBlock).Where(s => s >= range.From && s < range.To).Select(Event)];
                if (events.Length > 0)
                {
                    yield return new JournalBlock(events[0].Seq, events);
                }
            }
        }

        private static StoredEvent Event(int seq) => new(seq, 1_000_000_000, EntryKind.Event, Envelope, default, default,
            Encoding.UTF8.GetBytes($$"""{"actor":"a","action":"{{(seq % 10 == 0 ? "tenth" : "other")}}","result":"info"}"""));
    }

    private static async Task<JsonNode> AskAsync(EventsEndpoint endpoint, string query)
    {
        var context = new DefaultHttpContext();
        context.Features.Set(new Caller(Tenant, "k", Role.Auditor, null, null, false));
        context.Request.Method = "GET";
        context.Request.QueryString = new QueryString("?" + query);
        using var body = new MemoryStream();
        context.Response.Body = body;
        await endpoint.HandleAsync(context);
        return JsonNode.Parse(body.ToArray())!;
    }

    [Theory]
    [InlineData("desc")]
    [InlineData("asc")]
    public async Task ItStopsAfterABlockAndGoesOnWhereItStopped(string order)
    {
        var endpoint = new EventsEndpoint(new EventScanner(new Blocks(4, 25), new MemoryKeyring()), new ScanGate(), new SlowTime());
        var seen = new List<long>();
        string? cursor = null;
        int answers = 0;
        do
        {
            JsonNode page = await AskAsync(endpoint, $"action=tenth&order={order}{(cursor is null ? "" : "&cursor=" + cursor)}");
            Assert.InRange((long)page["scanned"]!, 0, 25);
            seen.AddRange(page["items"]!.AsArray().Select(e => (long)e!["seq"]!));
            cursor = (string?)page["next"];
            answers++;
        }
        while (cursor is not null && answers < 10);
        IEnumerable<long> expected = Enumerable.Range(0, 10).Select(i => i * 10L);
        Assert.Equal(order == "asc" ? expected : expected.Reverse(), seen);
        Assert.InRange(answers, 4, 5);
    }

    [Fact]
    public async Task TooManyAtOnceAreRefused()
    {
        var gate = new ScanGate();
        IDisposable[] places = [.. Enumerable.Range(0, QueryLimits.MaxScansPerTenant).Select(_ => gate.TryScan(Tenant)!)];
        var endpoint = new EventsEndpoint(new EventScanner(new Blocks(1, 1), new MemoryKeyring()), gate, TimeProvider.System);
        Assert.Equal(429, (int)(await AskAsync(endpoint, ""))["status"]!);
        places[0].Dispose();
        places[0].Dispose();
        Assert.Single((await AskAsync(endpoint, ""))["items"]!.AsArray());
        Assert.NotNull(gate.TryScan(Tenant));
        Assert.Null(gate.TryScan(Tenant));
    }
}
