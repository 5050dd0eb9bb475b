using Muniment.Journal.Storage;

namespace Muniment.Journal.Tests;

/// <summary>The databases that each journal test runs on.</summary>
public static class Backends
{
    public static TheoryData<StorageKind> All => [StorageKind.Sqlite, StorageKind.Postgres];
}
