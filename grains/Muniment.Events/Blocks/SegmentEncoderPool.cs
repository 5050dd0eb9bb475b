using System.Collections.Concurrent;
using Muniment.Events.Keys;

namespace Muniment.Events.Blocks;

/// <summary>Encoders to use again: each holds about a megabyte. Thread-safe; one for the process.</summary>
public sealed class SegmentEncoderPool
{
    /// <summary>Encoders kept for later; more are let go.</summary>
    public const int MaxKept = 64;

    private readonly ConcurrentQueue<SegmentEncoder> _kept = new();
    private int _count;

    /// <summary>An encoder with a segment begun. Give it back with <see cref="Return"/>, also after a failure.</summary>
    public SegmentEncoder Rent(TenantKeys keys, long receivedNs)
    {
        if (_kept.TryDequeue(out SegmentEncoder? encoder))
        {
            Interlocked.Decrement(ref _count);
        }
        else
        {
            encoder = new SegmentEncoder();
        }

        encoder.Begin(keys, receivedNs);
        return encoder;
    }

    /// <summary>Gives an encoder back; the caller may not touch it again.</summary>
    public void Return(SegmentEncoder encoder)
    {
        if (Interlocked.Increment(ref _count) <= MaxKept)
        {
            _kept.Enqueue(encoder);
            return;
        }

        Interlocked.Decrement(ref _count);
        encoder.Dispose();
    }
}
