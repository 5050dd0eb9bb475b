namespace Muniment.Messages.Sessions;

/// <summary>One session (key: <c>tenant/session</c>): its stored fold with everything that came since.</summary>
[Alias("muniment.session-grain")]
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>The session as it is now, with all that was answered before.</summary>
    [Alias("get")]
    Task<SessionMessage> Get();
}
