namespace Muniment.Gateway.Query;

/// <summary>Limits of reading. Beyond them a request is refused by name, or answers what it has and says where to go on.</summary>
public static class QueryLimits
{
    /// <summary>Items of a page when the caller names no limit.</summary>
    public const int DefaultPage = 100;
    /// <summary>Most items of a page.</summary>
    public const int MaxPage = 1000;
    /// <summary>A scan answers after this long.</summary>
    public const int MaxScanMs = 2000;
    /// <summary>A scan answers after this many events.</summary>
    public const int MaxScanEvents = 5_000_000;
    /// <summary>Most characters of one parameter.</summary>
    public const int MaxParameterLength = 8192;
    /// <summary>Most values of one parameter; several mean "any of them".</summary>
    public const int MaxValues = 50;
    /// <summary>Most words of <c>q</c>.</summary>
    public const int MaxWords = 20;
    /// <summary><c>min_seq</c> waits this long.</summary>
    public const int MaxSeqWaitMs = 5000;
    /// <summary>Scans and exports of one tenant that may run at once.</summary>
    public const int MaxScansPerTenant = 32;
    /// <summary>Tails of one tenant that may be open at once.</summary>
    public const int MaxTailsPerTenant = 100;
    /// <summary>A tail looks for new events this often when it was told of none (appends of this process wake it).</summary>
    public const int TailPollMs = 1000;
    /// <summary>A tail with nothing to say sends a comment this often, and looks whether its key still counts.</summary>
    public const int TailKeepAliveMs = 4000;
    /// <summary>A tail or export whose client takes nothing for this long is cut.</summary>
    public const int WriteStallMs = 30_000;
    /// <summary>Most events of a session, a trace or a timeline in one answer.</summary>
    public const int MaxTimeline = 5000;
    /// <summary>Most bytes of events in one page; a page ends early beyond it.</summary>
    public const int MaxPageBytes = 32 << 20;
}
