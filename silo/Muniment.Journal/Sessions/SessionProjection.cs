using System.Diagnostics.Metrics;
using Muniment.Events;
using Muniment.Events.Canonical.Sessions;
using Muniment.Journal.Positions;

namespace Muniment.Journal.Sessions;

/// <summary>
/// Folds a tenant's log into one row a session. A rebuild folds a shadow version from seq 0 beside the live one and takes its place when it has caught up:
/// <code>
/// live   ──fold──fold──fold──┐ switched in one transaction, then its rows are dropped
/// shadow 0──fold──fold──fold─┴─► live
/// </code>
/// Versions are <c>code * 1,000,000 + n</c>: when the code of the fold changes, a shadow begins by itself. Thread-safe; steps run one at a time on the thread pool.
/// </summary>
public sealed class SessionProjection(TenantId tenant, IJournalReader journal, IPositionStore positions, SessionTable table, SessionLimits limits, TimeProvider time) : IDisposable
{
    /// <summary>Its name among positions.</summary>
    public const string Name = "sessions";

    /// <summary>First version of this code.</summary>
    internal const int FirstVersion = (SessionFold.StateVersion * CodeFactor) + 1;

    private const int CodeFactor = 1_000_000;

    internal static readonly Meter Meter = new("Muniment.Journal.Sessions");
    private static readonly Counter<long> Folded = Meter.CreateCounter<long>("muniment.sessions.folded", description: "Events folded into sessions.");
    private static readonly Counter<long> Overtaken = Meter.CreateCounter<long>("muniment.sessions.overtaken", description: "Steps given up because another owner was here.");

    private readonly SemaphoreSlim gate = new(1, 1);
    private bool isOpen;
    private ProjectionId live;
    private SessionTrack? current;
    private SessionTrack? shadow;

    /// <summary>Whether a shadow is being built.</summary>
    public bool IsRebuilding => shadow is not null;

    /// <summary>One step of the live version and, during a rebuild, one of the shadow.</summary>
    public Task<SessionStep> StepAsync(CancellationToken cancellationToken) => Task.Run(() => GuardedAsync(StepBothAsync, cancellationToken), cancellationToken);

    /// <summary>Begins to build everything anew; the live version answers until the new one has caught up.</summary>
    public Task RebuildAsync(CancellationToken cancellationToken) => GuardedAsync(
        () =>
        {
            shadow ??= Track(live.Version + 1);
            return Task.FromResult(true);
        },
        cancellationToken);

    /// <summary>Steps at full speed until everything is folded or another owner was here, but no longer than a question may take; what the last step came to.</summary>
    public async Task<SessionStepOutcome> CatchUpAsync(CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            SessionStep step = await StepAsync(cancellationToken);
            if (step.Outcome != SessionStepOutcome.Advanced || time.GetElapsedTime(start).TotalMilliseconds >= limits.MaxCatchUpMs)
            {
                return step.Outcome;
            }
        }
    }

    /// <summary>
    /// Steps until everything is folded (<see cref="SessionStepOutcome.Idle"/>) or another owner was here (<see cref="SessionStepOutcome.Overtaken"/>). While the log grows it rests
    /// several times as long as it works, because appending comes first; what it leaves behind it takes up when the log rests.
    /// </summary>
    public async Task<SessionStepOutcome> RunAsync(CancellationToken cancellationToken)
    {
        long size = -1;
        while (true)
        {
            long start = time.GetTimestamp();
            SessionStep step = await StepAsync(cancellationToken);
            if (step.Outcome != SessionStepOutcome.Advanced)
            {
                return step.Outcome;
            }

            if (size >= 0 && step.Size > size)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(limits.RestMs(step, time.GetElapsedTime(start).TotalMilliseconds, step.Size - size)), time, cancellationToken);
            }

            size = step.Size;
        }
    }

    /// <summary>Whether this code can read the rows of a version.</summary>
    internal static bool IsReadable(int version) => version / CodeFactor == SessionFold.StateVersion;

    /// <inheritdoc/>
    public void Dispose() => gate.Dispose();

    private async Task<T> GuardedAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (!isOpen)
            {
                await OpenAsync();
                isOpen = true;
            }

            return await work();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Finds the live version, or makes the first one live, takes up a rebuild that was under way, and drops what an ended one left behind.</summary>
    private async Task OpenAsync()
    {
        int version = await positions.GetLiveVersionAsync(Name, tenant, CancellationToken.None);
        if (version == 0)
        {
            version = FirstVersion;
            await positions.SetLiveVersionAsync(Id(version), CancellationToken.None);
        }

        live = Id(version);
        bool isOurs = IsReadable(version);
        int next = isOurs ? version + 1 : FirstVersion;
        current = isOurs ? Track(version) : null;
        shadow = !isOurs || (await positions.GetAsync(Id(next), CancellationToken.None)).Epoch > 0 ? Track(next) : null;
        foreach (long left in await table.VersionsAsync(tenant, CancellationToken.None))
        {
            if (left != version && left != shadow?.Projection.Version)
            {
                await DropAsync(Id((int)left));
            }
        }
    }

    private async Task<SessionStep> StepBothAsync()
    {
        SessionStep step = current is null ? default : await current.StepAsync(CancellationToken.None);
        if (shadow is not null && step.Outcome != SessionStepOutcome.Overtaken)
        {
            SessionStep ahead = await shadow.StepAsync(CancellationToken.None);
            bool hasCaughtUp = ahead.Outcome != SessionStepOutcome.Overtaken && ahead.NextSeq >= (current is null ? ahead.Size : step.NextSeq);
            if (hasCaughtUp && await positions.SwitchAsync(live, shadow.Projection, CancellationToken.None))
            {
                ProjectionId old = live;
                (live, current, shadow) = (shadow.Projection, shadow, null);
                await DropAsync(old);
            }

            step = ahead with { Outcome = step.Outcome == SessionStepOutcome.Advanced && ahead.Outcome == SessionStepOutcome.Idle ? step.Outcome : ahead.Outcome };
        }

        if (step.Outcome == SessionStepOutcome.Overtaken)
        {
            isOpen = false; // versions may have changed, too
            Overtaken.Add(1);
        }

        Folded.Add(step.Events);
        return step;
    }

    /// <summary>In small transactions; what a crash leaves is dropped at the next opening. The position goes last.</summary>
    private async Task DropAsync(ProjectionId old)
    {
        while (await table.DropAsync(old, limits.MaxDropRows, CancellationToken.None) > 0)
        {
        }

        await positions.DropAsync(old, CancellationToken.None);
    }

    private SessionTrack Track(int version) => new(Id(version), journal, positions, table, limits);

    private ProjectionId Id(int version) => new(Name, version, tenant);
}
