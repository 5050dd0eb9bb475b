using Muniment.Grains.Journal;
using Muniment.Messages.Destinations;

namespace Muniment.Grains.Destinations;

/// <summary>Tells a tenant's destinations that its log has grown, at most once in 20 ms.</summary>
public sealed class DestinationHints(IGrainFactory grains, TimeProvider time)
    : CoalescedHints(tenant => _ = grains.GetGrain<IDestinationDirectoryGrain>(tenant.Value).Advanced(), TimeSpan.FromMilliseconds(20), time);
