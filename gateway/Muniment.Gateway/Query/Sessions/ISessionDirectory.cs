using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Canonical.Sessions;

namespace Muniment.Gateway.Query.Sessions;

/// <summary>The sessions of a tenant, by the seq of their last event.</summary>
public interface ISessionDirectory
{
    /// <summary>At most <paramref name="limit"/> sessions whose last event lies before <paramref name="before"/>, newest first.</summary>
    ValueTask<SessionPage> ListAsync(TenantId tenant, Func<SessionFold, bool> filter, long before, int limit, CancellationToken cancellationToken);
}

/// <summary>A page of sessions.</summary>
/// <param name="Sessions">Newest first, as they were when asked.</param>
/// <param name="FoldedFrom">Events before this seq have not been looked at.</param>
public sealed record SessionPage(ImmutableArray<SessionFold> Sessions, long FoldedFrom);
