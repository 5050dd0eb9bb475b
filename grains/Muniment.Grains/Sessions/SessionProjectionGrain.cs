using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Muniment.Events;
using Muniment.Events.Canonical.Sessions;
using Muniment.Journal.Sessions;
using Muniment.Messages.Sessions;

namespace Muniment.Grains.Sessions;

/// <summary>
/// Owns the life of a tenant's <see cref="SessionProjection"/>. Folding runs off the turn; woken by hints, questions and its own timer. Two activations do no harm: the next step of
/// the overtaken one writes nothing and then it goes, so they do not take the position from each other in turns.
/// </summary>
[GrainType("session-projection")]
public sealed partial class SessionProjectionGrain(
    Func<TenantId, SessionProjection> projections, SessionReader reader, IOptions<SessionOptions> options, TimeProvider time, ILogger<SessionProjectionGrain> log)
    : Grain, ISessionProjectionGrain
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    // Touched on this activation's turns only.
    private readonly CancellationTokenSource _ending = new();
    private SessionProjection _projection = null!;
    private TenantId _tenant;
    private Task _running = Task.CompletedTask;
    private bool _isOvertaken;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _tenant = TenantId.Parse(this.GetPrimaryKeyString());
        _projection = projections(_tenant);
        this.RegisterGrainTimer(_ => Advanced(), new GrainTimerCreationOptions { DueTime = Period, Period = Period });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _ending.CancelAsync();
        await _running; // its last step ends before another activation begins, when that is in our hands
        _ending.Dispose();
    }

    /// <inheritdoc/>
    public async Task<SessionPageMessage> List(SessionQuestion question)
    {
        if (!_isOvertaken)
        {
            End(await _projection.CatchUpAsync(CancellationToken.None));
        }

        var filter = new SessionFilter(question.User, question.Agent, question.Project, question.OwnUser, question.OwnProject);
        SessionList list = await reader.ListAsync(_tenant, filter, question.Before, question.Limit, CancellationToken.None);
        DateTimeOffset now = time.GetUtcNow();
        TimeSpan idle = TimeSpan.FromMinutes(options.Value.IdleMinutes);
        return new SessionPageMessage([.. list.Sessions.Select(fold => SessionViews.Of(fold, now, idle))], list.FoldedFrom);
    }

    /// <inheritdoc/>
    public async Task Rebuild()
    {
        await _projection.RebuildAsync(CancellationToken.None);
        await Advanced();
    }

    /// <inheritdoc/>
    public Task Advanced()
    {
        if (_running.IsCompleted && !_isOvertaken && !_ending.IsCancellationRequested)
        {
            _running = RunAsync();
        }

        return Task.CompletedTask;
    }

    /// <summary>An activation that another one has overtaken steps no more; whoever asks next finds the other, or a new one.</summary>
    private void End(SessionStepOutcome outcome)
    {
        if (outcome == SessionStepOutcome.Overtaken && !_isOvertaken)
        {
            _isOvertaken = true;
            LogOvertaken(_tenant);
            DeactivateOnIdle();
        }
    }

    private async Task RunAsync()
    {
        try
        {
            End(await _projection.RunAsync(_ending.Token));
        }
        catch (OperationCanceledException)
        {
            // This activation is going.
        }
        catch (Exception e)
        {
            // Nothing of the step was written; the next hint or the timer tries again.
            LogFailed(e, _tenant);
        }
    }

    [LoggerMessage(1401, LogLevel.Warning, "Folding the sessions of {Tenant} failed; it will be tried again")]
    private partial void LogFailed(Exception exception, TenantId tenant);

    [LoggerMessage(1402, LogLevel.Information, "Another owner folds the sessions of {Tenant}; this one goes")]
    private partial void LogOvertaken(TenantId tenant);
}
