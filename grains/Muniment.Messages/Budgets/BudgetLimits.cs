namespace Muniment.Messages.Budgets;

/// <summary>Limits and times of budgets.</summary>
public static class BudgetLimits
{
    /// <summary>A gateway keeps at most this part of a limit without a call that needs it; a limit below this number has no slices.</summary>
    public const int SliceDivisor = 100;

    /// <summary>A gateway that holds something and says nothing for this long is taken for lost, and the window is counted again.</summary>
    public const int LeaseMs = 30_000;

    /// <summary>A gateway that holds something says so this often.</summary>
    public const int HeartbeatMs = 5_000;

    /// <summary>Most gateways that hold leases of one budget.</summary>
    public const int MaxHolders = 4096;

    /// <summary>Parts of a sliding window; what was used leaves it by parts, late by at most one.</summary>
    public const int SlidingParts = 60;

    /// <summary>Most of anything that one limit may allow; sums of it stay within a number.</summary>
    public const long MaxLimit = long.MaxValue / 1_000_000;
}
