using Muniment.Delivery.Batches;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Events;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Tests.Kinds.SplunkHec;

/// <summary>Events that are copied into a request have the bytes of events that are read, so that a plan made the one way can be built again the other way.</summary>
public sealed class HecCopyTests
{
    [Theory]
    [InlineData("")]
    [InlineData(""","options":{"index":"main","source":"s"}""")]
    [InlineData(""","streams":["decision","activity"],"batch":{"max_events":13}""")]
    [InlineData("", LaneFilter.Denied)]
    [InlineData(""","streams":["decision","activity"],"batch":{"max_events":13}""", LaneFilter.NotDenied)]
    public async Task CopiedAndReadBatchesAreTheSame(string more, LaneFilter filter = LaneFilter.All)
    {
        FakeSource source = new();
        for (int i = 0; i < 60; i++)
        {
            source.Add(
                result: i % 3 == 0 ? "denied" : "success",
                stream: i % 7 == 0 ? "decision" : "activity",
                extra: (i % 5) switch { 0 => ""","note":"a \"b\" é" """.TrimEnd(), 1 => ""","details":{"x":1.50}""", 2 => ""","reason":"é","n":1""", 3 => ""","tool":{"name":"t","duration_ms":1.25}""", _ => null });
        }

        BatchRequest request = new() { Selection = Fixtures.Hec(more), Shape = Fixtures.Hec(more), From = 0, To = source.Size, FirstN = 5, Epoch = 2, Filter = filter };
        Counting counting = new(new CanonicalProjection(Fixtures.Tenant));
        using Batch copied = await Build(() => counting, request);
        using Batch read = await Build(() => new Reading(new CanonicalProjection(Fixtures.Tenant)), request);

        Assert.Equal(read.Bytes.ToArray(), copied.Bytes.ToArray());
        Assert.Equal(read.Items, copied.Items);
        Assert.Equal((read.LeftOut, read.Last, read.Full), (copied.LeftOut, copied.Last, copied.Full));
        Assert.InRange(counting.Reads, 1, 60 / 2); // most were not read
        Assert.All(read.Items, item => Assert.True(filter == LaneFilter.All || item.Seq % 3 == 0 == (filter == LaneFilter.Denied)));

        Task<Batch> Build(Func<IEventProjection> projections, BatchRequest what) =>
            new BatchBuilder("log/acme", Fixtures.Tenant.Value, source, projections, new Fixtures.FieldEquals(), KindRegistry.Default).BuildAsync(what, CancellationToken.None);
    }

    /// <summary>Reads every event.</summary>
    private sealed class Reading(CanonicalProjection inner) : IEventProjection
    {
        public CanonicalEvent Read(in StoredEvent stored) => inner.Read(stored);

        public string IdOf(in StoredEvent stored) => inner.IdOf(stored);
    }

    /// <summary>Counts what is read.</summary>
    private sealed class Counting(CanonicalProjection inner) : IEventProjection
    {
        public int Reads { get; private set; }

        public CanonicalEvent Read(in StoredEvent stored)
        {
            Reads++;
            return inner.Read(stored);
        }

        public Muniment.Events.Canonical.Copying.CanonicalCopier? Copier() => inner.Copier();

        public string IdOf(in StoredEvent stored) => inner.IdOf(stored);
    }
}
