namespace Muniment.Journal.Space;

/// <summary>Watches the free space under the journal. Asked before each append; the answer is at most a quarter of a second old.</summary>
public interface IStorageGuard
{
    /// <summary>What may be written now.</summary>
    StorageSpace Space { get; }

    /// <summary>Free bytes of the file system that holds the journal; <see cref="long.MaxValue"/> where they are not known (a database server).</summary>
    long FreeBytes { get; }

    /// <summary>True while the reserve file is there.</summary>
    bool HasReserve { get; }
}
