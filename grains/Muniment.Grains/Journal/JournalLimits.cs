namespace Muniment.Grains.Journal;

/// <summary>Limits of one tenant's sequencer. Bound from configuration section <c>Journal</c>.</summary>
public sealed class JournalLimits
{
    /// <summary>Bytes that may wait for a commit before appends are refused with 429.</summary>
    public long MaxQueuedBytes { get; set; } = 64L << 20;

    /// <summary>Requests that may wait before appends are refused with 429.</summary>
    public int MaxQueuedRequests { get; set; } = 8192;

    /// <summary>Most requests of one group commit.</summary>
    public int MaxGroupRequests { get; set; } = 512;

    /// <summary>Most bytes of one group commit, so that no tenant holds the database for long.</summary>
    public long MaxGroupBytes { get; set; } = 8L << 20;

    /// <summary>With more events than this not sealed yet, group commits are slowed, so that sealing keeps up. Large enough to take a burst of some seconds at full speed.</summary>
    public long MaxUnsealedEvents { get; set; } = 1_048_576;

    /// <summary>The same for bytes of what was appended.</summary>
    public long MaxUnsealedBytes { get; set; } = 256L << 20;

    /// <summary>Longest time for which one group commit is held back; 0 never slows.</summary>
    public int MaxSlowdownMs { get; set; } = 250;

    /// <summary>Longest time for which small appends of many callers wait for each other, so that one commit takes more of them; 0 never waits. See <see cref="Company"/>.</summary>
    public int MaxCompanyMs { get; set; } = 1;

    /// <summary>Nothing waits for company once this many bytes are there.</summary>
    public long MaxCompanyBytes { get; set; } = 64 << 10;
}
