using System.Collections.Immutable;

namespace Muniment.Policy.Documents;

/// <summary>A budget.</summary>
public sealed record PolicyLimit
{
    private const long WeekNs = 7L * 86_400 * 1_000_000_000;
    private const long FirstMondayNs = 4L * 86_400 * 1_000_000_000;

    /// <summary>Its id, unique among the document's rules and limits.</summary>
    public required string Id { get; init; }

    /// <summary>Whose use counts together.</summary>
    public required LimitSubject Per { get; init; }

    /// <summary>What is counted.</summary>
    public required LimitUnit Unit { get; init; }

    /// <summary>How many in a window.</summary>
    public required decimal Amount { get; init; }

    /// <summary>How long a window is.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>False: windows stand one after the other, aligned to UTC (days begin at midnight, weeks on Monday). True: the window ends now.</summary>
    public bool Sliding { get; init; }

    /// <summary>What follows when it is used up: <c>deny</c> or <c>ask</c>.</summary>
    public PolicyEffect Then { get; init; } = PolicyEffect.Deny;

    /// <summary>Actions it covers, with wildcards; empty for model calls, and for <c>calls</c> every request.</summary>
    public ImmutableArray<string> On { get; init; } = [];

    /// <summary>Why, for the record and the caller.</summary>
    public string? Reason { get; init; }

    /// <summary>When the aligned window of a time begins, both in Unix ns. Windows of whole weeks are counted from a Monday: Unix time began on a Thursday.</summary>
    public long WindowStart(long timeNs)
    {
        long window = Window.Ticks * 100, first = window % WeekNs == 0 ? FirstMondayNs : 0;
        long since = (timeNs - first) % window;
        return timeNs - (since < 0 ? since + window : since);
    }
}
