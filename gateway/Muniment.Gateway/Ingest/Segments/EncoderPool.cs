using System.Collections.Concurrent;
using Muniment.Events.Blocks;

namespace Muniment.Gateway.Ingest.Segments;

/// <summary>
/// Segment encoders, lent to one request at a time. There are as many as processors and one more: encoding is pure computing, more of it at once would only
/// hold more memory. Who finds none waits; the wait is bounded by the bytes in flight. Thread-safe.
/// </summary>
internal sealed class EncoderPool : IDisposable
{
    private readonly SemaphoreSlim _free = new(Environment.ProcessorCount + 1);
    private readonly ConcurrentBag<SegmentEncoder> _encoders = [];

    /// <summary>Lends an encoder; dispose the loan to give it back.</summary>
    public async ValueTask<Loan> RentAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        return new Loan(this, _encoders.TryTake(out SegmentEncoder? encoder) ? encoder : new SegmentEncoder());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SegmentEncoder encoder in _encoders)
        {
            encoder.Dispose();
        }

        _free.Dispose();
    }

    /// <summary>A lent encoder.</summary>
    public readonly struct Loan(EncoderPool pool, SegmentEncoder encoder) : IDisposable
    {
        public SegmentEncoder Encoder => encoder;

        public void Dispose()
        {
            pool._encoders.Add(encoder);
            pool._free.Release();
        }
    }
}
