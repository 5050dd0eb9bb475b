using Orleans.Concurrency;

namespace Muniment.Messages.Sessions;

/// <summary>Folds a tenant's log (key: the tenant) into sessions and lists them.</summary>
[Alias("muniment.session-projection")]
public interface ISessionProjectionGrain : IGrainWithStringKey
{
    /// <summary>A page of sessions, newest first, with all that was answered before.</summary>
    [Alias("list"), AlwaysInterleave]
    Task<SessionPageMessage> List(SessionQuestion question);

    /// <summary>Builds all sessions anew from the log; the ones there are answer until that is done.</summary>
    [Alias("rebuild"), AlwaysInterleave]
    Task Rebuild();

    /// <summary>The tenant's log has grown. A lost hint costs latency only.</summary>
    [Alias("advanced"), AlwaysInterleave, OneWay]
    Task Advanced();
}
