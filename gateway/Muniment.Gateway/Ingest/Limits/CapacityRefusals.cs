using Muniment.Gateway.Hosting;

namespace Muniment.Gateway.Ingest.Limits;

/// <summary>The refusals that mean "later".</summary>
internal static class CapacityRefusals
{
    public static Refusal Full { get; } = new(RefusalKind.OverCapacity, "too many bytes are being taken in at once; send again");

    public static Refusal EventsPerSecond { get; } = new(RefusalKind.OverCapacity, "the tenant's quota events_per_s is used up; send again") { IsHeld = true };

    public static Refusal BytesPerDay { get; } = new(RefusalKind.OverCapacity, "the tenant's quota bytes_per_day is used up until midnight UTC") { IsHeld = true };

    public static Refusal DiskBytes { get; } = new(RefusalKind.OverCapacity, "the tenant's quota disk_bytes is used up") { IsHeld = true };
}
