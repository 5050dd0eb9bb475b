using System.Collections.Immutable;

namespace Muniment.Delivery.Batches;

/// <summary>
/// A rendered batch. It is a function of the log, the plan and the configuration in force when the plan was made: building it again gives the same bytes.
/// Read-only once built.
/// </summary>
public sealed class Batch(BatchBuffer buffer) : IDisposable
{
    /// <summary>First seq looked at.</summary>
    public required long First { get; init; }

    /// <summary>Last seq looked at; <see cref="First"/> - 1 when there was nothing to look at.</summary>
    public required long Last { get; init; }

    /// <summary>The rendered events, oldest first.</summary>
    public required IReadOnlyList<BatchItem> Items { get; init; }

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

    /// <inheritdoc/>
    public void Dispose() => buffer.Dispose();
}
