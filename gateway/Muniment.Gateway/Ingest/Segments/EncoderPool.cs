using System.Collections.Concurrent;
using Muniment.Events.Blocks;

namespace Muniment.Gateway.Ingest.Segments;

/// <summary>
/// Segment encoders, lent to one request at a time. For large bodies there are as many as processors and one more: encoding is pure computing, more of it at once would only hold more
/// memory. Small bodies, decisions and admin events have encoders of their own, so that they never stand behind the large ones of others. Who finds none waits; the wait is bounded by the
/// bytes in flight. Thread-safe.
/// </summary>
internal sealed class EncoderPool : IDisposable
{
    /// <summary>Bytes up to which a body is small: about a millisecond's work.</summary>
    public const int SmallBytes = 64 << 10;

    private readonly Lane _large = new(Environment.ProcessorCount + 1);
    private readonly Lane _small = new(Environment.ProcessorCount * 4);

    /// <summary>Lends an encoder for so many bytes; dispose the loan to give it back.</summary>
    public async ValueTask<Loan> RentAsync(long sizeBytes, CancellationToken cancellationToken)
    {
        Lane lane = sizeBytes > SmallBytes ? _large : _small;
        await lane.Free.WaitAsync(cancellationToken);
        return new Loan(lane, lane.Encoders.TryTake(out SegmentEncoder? encoder) ? encoder : new SegmentEncoder());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _large.Dispose();
        _small.Dispose();
    }

    /// <summary>A lent encoder.</summary>
    public readonly struct Loan(Lane lane, SegmentEncoder encoder) : IDisposable
    {
        public SegmentEncoder Encoder => encoder;

        public void Dispose()
        {
            lane.Encoders.Add(encoder);
            lane.Free.Release();
        }
    }

    /// <summary>Encoders for bodies of one size.</summary>
    internal sealed class Lane(int encoders) : IDisposable
    {
        public SemaphoreSlim Free { get; } = new(encoders);

        public ConcurrentBag<SegmentEncoder> Encoders { get; } = [];

        public void Dispose()
        {
            foreach (SegmentEncoder encoder in Encoders)
            {
                encoder.Dispose();
            }

            Free.Dispose();
        }
    }
}
