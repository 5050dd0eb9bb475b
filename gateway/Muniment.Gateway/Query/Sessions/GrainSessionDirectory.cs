using Muniment.Events;
using Muniment.Events.Canonical.Sessions;
using Muniment.Messages.Sessions;

namespace Muniment.Gateway.Query.Sessions;

/// <summary>Asks the session grains.</summary>
internal sealed class GrainSessionDirectory(IGrainFactory grains) : ISessionDirectory
{
    /// <inheritdoc/>
    public async ValueTask<SessionPage> ListAsync(TenantId tenant, SessionFilter filter, long before, int limit, CancellationToken cancellationToken)
    {
        SessionPageMessage page = await grains.GetGrain<ISessionProjectionGrain>(tenant.Value)
            .List(new SessionQuestion(filter.User, filter.Agent, filter.Project, filter.OwnUser, filter.OwnProject, before, limit));
        return new SessionPage([.. page.Sessions.Select(s => new SessionSummary(s.LastSeq, s.Events, s.Summary))], page.FoldedFrom);
    }

    /// <inheritdoc/>
    public async ValueTask<SessionSummary?> FindAsync(TenantId tenant, string session, CancellationToken cancellationToken)
    {
        SessionMessage found = await grains.GetGrain<ISessionGrain>($"{tenant.Value}/{session}").Get();
        return found.Events == 0 && found.IsComplete ? null : new SessionSummary(found.LastSeq, found.Events, found.Summary, found.IsComplete);
    }
}
