namespace Muniment.Journal.Postgres;

/// <summary>Limits of the PostgreSQL journal.</summary>
public sealed record PostgresOptions
{
    /// <summary><c>Storage:ConnectionString</c>.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Bytes that may wait to be written; more is refused.</summary>
    public long QueueLimitBytes { get; init; } = 64L << 20;

    /// <summary>Writes that may wait; more are refused.</summary>
    public int QueueLimitItems { get; init; } = 16384;

    /// <summary>Transactions at the same time. Each commit waits for the server's disk, so more than cores is right.</summary>
    public int MaxWriters { get; init; } = 8;

    /// <summary>Tries of a write that the server asks to repeat (deadlock, serialization, two first uses of a number).</summary>
    public int MaxTries { get; init; } = 4;
}
