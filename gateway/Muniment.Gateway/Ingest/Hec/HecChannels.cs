using System.Collections.Concurrent;

namespace Muniment.Gateway.Ingest.Hec;

/// <summary>
/// Numbers the acknowledgements of HEC channels. An answer leaves only after its events are durable, so every number that was given out is acknowledged:
/// what is kept is one counter a channel. After a restart old numbers are unknown; clients then send again and the repeat is recognised. Thread-safe.
/// </summary>
internal sealed class HecChannels
{
    /// <summary>Most channels that are remembered; beyond it all begin anew, which costs repeats and loses nothing.</summary>
    public const int MaxChannels = 100_000;

    private readonly ConcurrentDictionary<(string Key, Guid Channel), StrongBox> _counters = new();

    /// <summary>The next number of a channel, from 0.</summary>
    public long Next(string keyId, Guid channel)
    {
        if (_counters.Count >= MaxChannels)
        {
            _counters.Clear();
        }

        return Interlocked.Increment(ref _counters.GetOrAdd((keyId, channel), static _ => new StrongBox()).Value) - 1;
    }

    /// <summary>Whether a number was given out.</summary>
    public bool IsDurable(string keyId, Guid channel, long ackId) =>
        ackId >= 0 && _counters.TryGetValue((keyId, channel), out StrongBox? counter) && ackId < Volatile.Read(ref counter.Value);

    private sealed class StrongBox
    {
        public long Value;
    }
}
