using Muniment.Journal.Sealing;
using Muniment.Journal.Storage;

namespace Muniment.Journal;

/// <summary>Where the journal lies and how much it may use.</summary>
public sealed record JournalOptions
{
    /// <summary>Directory of this process (<c>--data</c>).</summary>
    public required string DataDirectory { get; init; }

    /// <summary><c>Storage:Provider</c>.</summary>
    public StorageKind Provider { get; init; } = StorageKind.Sqlite;

    /// <summary><c>Storage:ConnectionString</c>, PostgreSQL only.</summary>
    public string? ConnectionString { get; init; }

    /// <summary><c>Keys:File</c>; null for <c>DIR/keys/master</c>.</summary>
    public string? KeysFile { get; init; }

    /// <summary>Bytes that may wait to be written.</summary>
    public long QueueLimitBytes { get; init; } = 64L << 20;

    /// <summary><c>Storage:LowWaterBytes</c>: below this much free space only decisions and admin changes are taken.</summary>
    public long LowWaterBytes { get; init; } = 256L << 20;

    /// <summary><c>Storage:ReserveBytes</c>: kept in a file and given up when the disk is full; 0 for none.</summary>
    public long ReserveBytes { get; init; } = 32L << 20;

    /// <summary>Least <see cref="SealEvents"/>.</summary>
    public const int MinSealEvents = 64;

    /// <summary>Least <see cref="RunBlocks"/>.</summary>
    public const int MinRunBlocks = 2;

    /// <summary><c>Storage:SealEvents</c>: most events of a sealed block. Smaller blocks take more room; sealing still begins with 8192 events, or 8 MiB.</summary>
    public int SealEvents
    {
        get => Sealing.MaxEvents;
        init => Sealing = Sealing with { MaxEvents = value };
    }

    /// <summary><c>Storage:RunBlocks</c>: sealed blocks whose terms make one run of the index. Fewer are searched sooner through the index and merged more often.</summary>
    public int RunBlocks
    {
        get => Sealing.BaseBlocks;
        init => Sealing = Sealing with { BaseBlocks = value };
    }

    /// <summary>Sizes of sealed blocks and index runs.</summary>
    internal SealLimits Sealing { get; init; } = new();

    /// <summary>Directory of the keys.</summary>
    public string KeysDirectory => Path.Combine(DataDirectory, "keys");

    /// <summary>File of the master key.</summary>
    public string MasterKeyPath => KeysFile ?? Path.Combine(KeysDirectory, "master");
}
