using System.Text.Json;
using Muniment.Events;
using Muniment.Events.Canonical.Sessions;
using Muniment.Gateway.Query.Sessions;
using Muniment.Journal;
using Muniment.Journal.Sessions;

namespace Muniment.Gateway.Tests.Query;

/// <summary>The real projection without grains in between. It steps on every second question only, so that both rows and unfolded events are read.</summary>
internal sealed class ProjectedSessions : ISessionDirectory
{
    private readonly SessionProjection projection;
    private readonly SessionReader reader;
    private int questions;

    public ProjectedSessions(JournalStore store, SessionLimits limits)
    {
        var table = new SessionTable(store.Database, store.Keyring);
        projection = new SessionProjection(TenantId.Parse("acme"), store.Reader, store.Positions, table, limits, TimeProvider.System);
        reader = new SessionReader(store.Reader, store.Positions, table, store.Keyring, limits, TimeProvider.System);
    }

    public async ValueTask<SessionPage> ListAsync(TenantId tenant, SessionFilter filter, long before, int limit, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref questions) % 2 == 0)
        {
            await projection.CatchUpAsync(cancellationToken);
        }

        SessionList list = await reader.ListAsync(tenant, filter, before, limit, cancellationToken);
        return new SessionPage([.. list.Sessions.Select(Summary)], list.FoldedFrom);
    }

    public async ValueTask<SessionSummary?> FindAsync(TenantId tenant, string session, CancellationToken cancellationToken)
    {
        (SessionFold fold, long next) = await reader.FindAsync(tenant, session, cancellationToken);
        bool isComplete = (await reader.FollowAsync(tenant, fold, next, cancellationToken)).IsComplete;
        return fold.Events == 0 && isComplete ? null : Summary(fold) with { IsComplete = isComplete };
    }

    private static SessionSummary Summary(SessionFold fold)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            fold.WriteMembers(writer);
            writer.WriteEndObject();
        }

        return new SessionSummary(fold.LastSeq, fold.Events, stream.ToArray());
    }
}
