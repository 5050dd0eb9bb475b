namespace Muniment.Journal;

/// <summary>
/// Deliberate mistakes by which the soaks show that they would notice: <c>-p:SeededBugs=true</c> compiles them in, <c>MUNIMENT_BUG</c> chooses one.
/// In an ordinary build every property is the constant false.
/// </summary>
public static class SeededBugs
{
    /// <summary>Environment variable that chooses one.</summary>
    public const string Variable = "MUNIMENT_BUG";

#if SEEDED_BUGS
    private static readonly string? s_chosen = Environment.GetEnvironmentVariable(Variable);

    /// <summary>True when this bug is compiled in and chosen.</summary>
    public static bool Is(string name) => s_chosen == name;
#else
    /// <summary>True when this bug is compiled in and chosen.</summary>
    public static bool Is(string name) => false;
#endif

    /// <summary>Nothing is synced to the disk.</summary>
    public static bool NoFsync => Is("no-fsync");

    /// <summary>The answer leaves before COMMIT.</summary>
    public static bool AckBeforeCommit => Is("ack-before-commit");

    /// <summary>A new writer begins some numbers too low.</summary>
    public static bool ReuseSeqAfterCrash => Is("reuse-seq-after-crash");

    /// <summary>A read does not look at whose blocks they are.</summary>
    public static bool TenantFilterRemoved => Is("tenant-filter-removed");

    /// <summary>A full queue drops what comes and says it was kept.</summary>
    public static bool DropOnFullQueue => Is("drop-on-full-queue");

    /// <summary>A repeated request is stored again.</summary>
    public static bool NoDedup => Is("no-dedup");
}
