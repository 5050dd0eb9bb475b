using Muniment.Events.Blocks;
using System.Collections.Immutable;

namespace Muniment.Delivery.Batches;

/// <summary>
/// A rendered batch. It is a function of the log, the plan and the configuration in force when the plan was made: building it again gives the same bytes.
/// Read-only once built.
/// </summary>
public sealed class Batch(BatchBuffer buffer) : IDisposable
{
    private readonly Dictionary<(byte Group, int First, int Count), byte[]> _requests = [];
    private BatchBudget? _budget;
    private long _countedBytes;

    /// <summary>First seq looked at.</summary>
    public required long First { get; init; }

    /// <summary>Last seq looked at; <see cref="First"/> - 1 when there was nothing to look at.</summary>
    public required long Last { get; init; }

    /// <summary>The rendered events, oldest first.</summary>
    public required BatchItems Items { get; init; }

    /// <summary>What else was in the range.</summary>
    public required LeftOut LeftOut { get; init; }

    /// <summary>SHA-256 of the rendered bytes.</summary>
    public required ReadOnlyMemory<byte> Digest { get; init; }

    /// <summary>Whether a limit ended it, so that more is waiting.</summary>
    public required bool Full { get; init; }

    /// <summary>Which events of its range were meant.</summary>
    public LaneFilter Filter { get; init; }

    /// <summary>How many events in it are cut.</summary>
    public int Cuts { get; init; }

    /// <summary>What was redacted in it, by configured name; null where nothing is redacted.</summary>
    public ImmutableSortedDictionary<string, long>? Redacted { get; init; }

    /// <summary>All rendered bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => buffer.Written;

    /// <summary>
    /// Room for the request that one slice becomes, freed with the batch: its bytes live as long as what they were made of. The same slice, sent again, gets the same room,
    /// into which it writes the same bytes; halves of halves take no more than twice the batch. Any thread.
    /// </summary>
    internal Memory<byte> Rent(byte group, int first, int count, int sizeBytes)
    {
        lock (_requests)
        {
            if (!_requests.TryGetValue((group, first, count), out byte[]? room) || room.Length < sizeBytes)
            {
                _requests[(group, first, count)] = room = LargeArrays.Rent(sizeBytes);
                Count(room.Length);
            }

            return room.AsMemory(0, sizeBytes);
        }
    }

    /// <summary>From here on until it is disposed, what it holds counts there.</summary>
    /// <param name="budget">Where.</param>
    /// <param name="reservedBytes">What was taken for it before it was built.</param>
    internal void CountIn(BatchBudget budget, long reservedBytes)
    {
        lock (_requests)
        {
            (_budget, _countedBytes) = (budget, reservedBytes);
            Count(buffer.CapacityBytes - reservedBytes);
        }
    }

    private void Count(long sizeBytes)
    {
        _budget?.Take(sizeBytes);
        _countedBytes += sizeBytes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        buffer.Dispose();
        Items.Dispose();
        lock (_requests)
        {
            _budget?.Take(-_countedBytes);
            _budget = null;
            foreach (byte[] room in _requests.Values)
            {
                LargeArrays.Return(room);
            }

            _requests.Clear();
        }
    }
}
