namespace Muniment.Journal.Space;

/// <summary>For a database server, whose disk is its own matter: it says itself when it is full.</summary>
internal sealed class UnknownSpace : IStorageGuard
{
    public StorageSpace Space => StorageSpace.Normal;

    public long FreeBytes => long.MaxValue;

    public bool HasReserve => true;
}
