using Muniment.Events.Blocks;

namespace Muniment.Journal.Sealing;

/// <summary>Sizes of sealed blocks and index runs. Smaller ones are for tests.</summary>
internal sealed record SealLimits
{
    /// <summary>Most events of a sealed block.</summary>
    public int MaxEvents { get; init; } = Segment.MaxEvents;

    /// <summary>A sealed block takes no further commit row beyond this many of their payload bytes.</summary>
    public long MaxPayloadBytes { get; init; } = 4L << 20;

    /// <summary>Blocks sealed in one round. After it the caller learns how far sealing is, and another tenant has its turn.</summary>
    public int MaxRoundBlocks { get; init; } = 4;

    /// <summary>With more events than this behind, sealing runs at the priority of appends and on two threads, because they will have to wait for it.</summary>
    public long UrgentEvents { get; init; } = 786_432;

    /// <summary>The same for bytes of commit rows, as far as the last blocks tell what an event takes.</summary>
    public long UrgentBytes { get; init; } = 192L << 20;

    /// <summary>Nor beyond this many bytes before compression; a single row may be larger.</summary>
    public long MaxRawBytes { get; init; } = 64L << 20;

    /// <summary>Blocks of a run of level 0.</summary>
    public int BaseBlocks { get; init; } = 64;

    /// <summary>Runs that are merged into one of the next level.</summary>
    public int FanIn { get; init; } = 16;

    /// <summary>Highest level; its runs are not merged further, because a run has at most 16,384 blocks.</summary>
    public int MaxLevel { get; init; } = 2;
}
