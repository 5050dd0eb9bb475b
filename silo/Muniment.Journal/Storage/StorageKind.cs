namespace Muniment.Journal.Storage;

/// <summary>Which database holds the journal.</summary>
public enum StorageKind
{
    /// <summary>One file, one process.</summary>
    Sqlite,
    /// <summary>A server, many silos.</summary>
    Postgres,
}
