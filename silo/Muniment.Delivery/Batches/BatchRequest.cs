using System.Collections.Immutable;
using Muniment.Delivery.Configuration;

namespace Muniment.Delivery.Batches;

/// <summary>What to build.</summary>
public sealed record BatchRequest
{
    /// <summary>Streams, <c>where</c> and sampling are taken from here.</summary>
    public required DestinationConfig Selection { get; init; }
    /// <summary>Format, options and limits are taken from here.</summary>
    public required DestinationConfig Shape { get; init; }
    /// <summary>First seq.</summary>
    public required long From { get; init; }
    /// <summary>One past the last seq that may be looked at.</summary>
    public required long To { get; init; }
    /// <summary>Number of the first event.</summary>
    public required long FirstN { get; init; }
    /// <summary>The epoch.</summary>
    public required long Epoch { get; init; }
    /// <summary>Most bytes, where that is less than the shape allows.</summary>
    public int MaxBytes { get; init; } = int.MaxValue;
    /// <summary>Which of the selected events belong to the lane.</summary>
    public LaneFilter Filter { get; init; } = LaneFilter.All;
    /// <summary>A plan is built again: no limits, the whole range.</summary>
    public bool Exact { get; init; }
    /// <summary>What is selected before this seq is left out and counted under retention.</summary>
    public long ExpireBefore { get; init; }
    /// <summary>Seqs of events that are cut because they were too large alone.</summary>
    public ImmutableArray<long> Cut { get; init; } = [];
    /// <summary>For a replay: exactly these, with the numbers that they had.</summary>
    public ImmutableArray<ReplayItem> Replay { get; init; } = [];
}

/// <summary>One event to replay.</summary>
/// <param name="Seq">Which.</param>
/// <param name="Epoch">Epoch in which it was planned.</param>
/// <param name="N">Number that it had.</param>
public sealed record ReplayItem(long Seq, long Epoch, long N);

/// <summary>How lanes share a range.</summary>
public enum LaneFilter
{
    /// <summary>Everything.</summary>
    All,
    /// <summary>Only what was denied, selected or not.</summary>
    Denied,
    /// <summary>Everything else, and what is gone.</summary>
    NotDenied,
}
