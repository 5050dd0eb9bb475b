using System.Globalization;

namespace Muniment.Events.Canonical;

/// <summary>
/// Name of one window of one limit for one subject: <c>policy:limit/subject/86400s@1767225600</c>, or <c>…/86400s~</c> for a sliding one. It is the key of the Budget grain after the
/// tenant, and stands in the decision events (<c>details.limits[].key</c>) from which a window is counted again.
/// </summary>
public static class BudgetKey
{
    /// <summary>Member of <c>details</c> that lists what a decision reserved and used.</summary>
    public const string ListMember = "limits";

    /// <summary>Makes a key.</summary>
    /// <param name="policy">Name of the policy.</param>
    /// <param name="limit">Id of the limit.</param>
    /// <param name="subject">Such as <c>user:jane</c>.</param>
    /// <param name="windowMs">Length of the window.</param>
    /// <param name="startMs">Its begin, Unix ms; -1 for a sliding window.</param>
    public static string Of(string policy, string limit, string subject, long windowMs, long startMs) => startMs < 0
        ? string.Create(CultureInfo.InvariantCulture, $"{policy}:{limit}/{subject}/{windowMs / 1000}s~")
        : string.Create(CultureInfo.InvariantCulture, $"{policy}:{limit}/{subject}/{windowMs / 1000}s@{startMs / 1000}");
}
