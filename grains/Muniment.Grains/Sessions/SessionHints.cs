using Muniment.Grains.Journal;
using Muniment.Messages.Sessions;

namespace Muniment.Grains.Sessions;

/// <summary>Wakes the folding of sessions after appends, at most once a second and tenant: many small appends become one step, and a question folds what is left by itself.</summary>
public sealed class SessionHints(IGrainFactory grains, TimeProvider time)
    : CoalescedHints(tenant => _ = grains.GetGrain<ISessionProjectionGrain>(tenant.Value).Advanced(), TimeSpan.FromSeconds(1), time);
