using Muniment.Delivery.Machine;
using Muniment.Events;

namespace Muniment.Delivery.Running;

/// <summary>Something that a tenant's log must say about one of its destinations. Told again with the same numbers after a crash.</summary>
/// <param name="Tenant">Whose log.</param>
/// <param name="Destination">Its id.</param>
/// <param name="Events">Events that were left out since the last notice.</param>
/// <param name="Total">Events that were left out since the destination was made.</param>
/// <param name="Before">First seq that was not to be left out; 0 when they were gone from the log by themselves.</param>
/// <param name="Position">Where the destination stands.</param>
/// <param name="Incarnation">Tells the destination from an earlier one with the same id; null when that is not known.</param>
public sealed record DeliveryNotice(TenantId Tenant, string Destination, long Events, long Total, long Before, long Position, string? Incarnation = null)
{
    /// <summary>The action of a notice about a destination that is held.</summary>
    public const string PauseAction = "destination.pause";

    /// <summary>The action of a notice about a destination that goes on.</summary>
    public const string ResumeAction = "destination.resume";

    /// <summary>A notice that delivery is held (or is no longer), not about events; null for one about events.</summary>
    public HoldNotice? Hold { get; init; }
}

/// <summary>That a destination is held because it refuses, or is no longer.</summary>
/// <param name="Since">When it began; tells one hold from the next.</param>
/// <param name="Reason">Why; null when it is over.</param>
public sealed record HoldNotice(DateTimeOffset Since, ReasonState? Reason);
