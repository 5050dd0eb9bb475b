namespace Muniment.Journal.Sqlite;

/// <summary>Limits of the SQLite journal.</summary>
public sealed record SqliteOptions
{
    /// <summary>Directory that holds <c>journal.db</c>.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Bytes that may wait to be written; more is refused.</summary>
    public long QueueLimitBytes { get; init; } = 64L << 20;

    /// <summary>Writes that may wait; more are refused.</summary>
    public int QueueLimitItems { get; init; } = 16384;

    /// <summary>Most writes of one transaction.</summary>
    public int BatchLimitItems { get; init; } = 64;

    /// <summary>A transaction takes no further write once it holds this much.</summary>
    public long BatchLimitBytes { get; init; } = 8L << 20;

    /// <summary>Size of the write-ahead log at which it is copied into the database file. Small, so that no commit waits long for it.</summary>
    public long CheckpointBytes { get; init; } = 2L << 20;

    /// <summary>Most read-only connections.</summary>
    public int MaxReaders { get; init; } = 8;

    /// <summary>Called on the writing thread when no space was left, before the waiting writes are told.</summary>
    public Action? OnFull { get; init; }

    /// <summary>Most pages of the database file (8 KiB each); 0 for no limit of our own.</summary>
    public long MaxPages { get; init; }
}
