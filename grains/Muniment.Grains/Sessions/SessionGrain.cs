using Microsoft.Extensions.Options;
using Muniment.Events;
using Muniment.Events.Canonical.Sessions;
using Muniment.Journal.Sessions;
using Muniment.Messages.Sessions;

namespace Muniment.Grains.Sessions;

/// <summary>
/// One session: begins with the stored fold, then adds what came since each time it is asked. Nothing of it is stored here, so losing it loses nothing. When the session has ended it goes.
/// </summary>
[GrainType("session")]
public sealed class SessionGrain(SessionReader reader, IOptions<SessionOptions> options, TimeProvider time) : Grain, ISessionGrain
{
    private TenantId _tenant;
    private SessionFold _fold = null!;
    private long _nextSeq;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        string key = this.GetPrimaryKeyString();
        int slash = key.IndexOf('/', StringComparison.Ordinal);
        _tenant = TenantId.Parse(key[..slash]);
        (_fold, _nextSeq) = await reader.FindAsync(_tenant, key[(slash + 1)..], cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>A question that its limit of time ends has not lost its work: the next one goes on from there.</remarks>
    public async Task<SessionMessage> Get()
    {
        (_nextSeq, bool isComplete) = await reader.FollowAsync(_tenant, _fold, _nextSeq, CancellationToken.None);
        SessionMessage message = SessionViews.Of(_fold, time.GetUtcNow(), TimeSpan.FromMinutes(options.Value.IdleMinutes)) with { IsComplete = isComplete };
        if (message.Ended && isComplete)
        {
            DeactivateOnIdle();
        }

        return message;
    }
}
