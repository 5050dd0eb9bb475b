using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Canonical.Sessions;

namespace Muniment.Gateway.Query.Sessions;

/// <summary>The sessions of a tenant, by the seq of their last event. Everything that was answered before is in them.</summary>
public interface ISessionDirectory
{
    /// <summary>At most <paramref name="limit"/> sessions whose last event lies before <paramref name="before"/>, newest first.</summary>
    ValueTask<SessionPage> ListAsync(TenantId tenant, SessionFilter filter, long before, int limit, CancellationToken cancellationToken);

    /// <summary>One session; null when there is none.</summary>
    ValueTask<SessionSummary?> FindAsync(TenantId tenant, string session, CancellationToken cancellationToken);
}

/// <summary>A page of sessions.</summary>
/// <param name="Sessions">Newest first, as they were when asked.</param>
/// <param name="FoldedFrom">Events from here on are counted; 0 when all are.</param>
public sealed record SessionPage(ImmutableArray<SessionSummary> Sessions, long FoldedFrom);

/// <summary>One session.</summary>
/// <param name="LastSeq">Seq of its last event.</param>
/// <param name="Events">Events.</param>
/// <param name="Json">The object of the outside contract; empty when there are no events.</param>
/// <param name="IsComplete">Whether all of it is there. Otherwise the time for one question was too short; the next one goes on.</param>
public sealed record SessionSummary(long LastSeq, long Events, ReadOnlyMemory<byte> Json, bool IsComplete = true);
