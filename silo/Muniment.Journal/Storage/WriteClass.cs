namespace Muniment.Journal.Storage;

/// <summary>How urgent a write is.</summary>
public enum WriteClass
{
    /// <summary>Somebody waits for the answer.</summary>
    Foreground,
    /// <summary>Sealing, purging and other housekeeping.</summary>
    Background,
}
