using Muniment.Events;
using Muniment.Journal.Durability;
using Muniment.Journal.Space;
using Muniment.Journal.Storage;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Health;

/// <summary>
/// Ready means: start-up is over, the database makes a row durable, ordinary events are taken (free space is above the low-water mark), and the default tenant's Journal grain answers. Lag of projections and deliveries does
/// not count. Asked at most once in <see cref="ReuseFor"/>, so that probes cannot become load.
/// </summary>
public sealed class Readiness(DurabilityProbe probe, IStorageGuard space, IGrainFactory grains, TimeProvider time) : IReadiness
{
    private static readonly TimeSpan ReuseFor = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim gate = new(1, 1);
    private volatile string? startup = "starting";
    private string? last;
    private long askedAt;
    private bool asked;

    /// <summary>Start-up is over; from now on the answer depends on storage and grains.</summary>
    public void Started() => startup = null;

    /// <summary>Shutting down: load balancers should look elsewhere.</summary>
    public void Stopping() => startup = "draining";

    /// <inheritdoc/>
    public async Task<string?> WhyNotAsync(CancellationToken cancellationToken)
    {
        if (startup is { } why)
        {
            return why;
        }

        await gate.WaitAsync(cancellationToken);
        try
        {
            if (asked && time.GetElapsedTime(askedAt) < ReuseFor)
            {
                return last;
            }

            last = await AskAsync(cancellationToken);
            askedAt = time.GetTimestamp();
            asked = true;
            return last;
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<string?> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            await probe.WriteAsync(cancellationToken).WaitAsync(Patience, time, cancellationToken);
            await grains.GetGrain<IJournalGrain>(TenantId.Default.Value).GetStatus().WaitAsync(Patience, time, cancellationToken);
            return space.Space is StorageSpace.LowWater ? "free space is below Storage:LowWaterBytes: only decisions and admin changes are taken" : null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return e switch
            {
                StorageFullException => "storage is full: events cannot be made durable until space returns",
                StorageBusyException => "the write queue is full",
                TimeoutException => $"storage or the journal did not answer within {Patience.TotalSeconds} s",
                _ => "storage cannot be written: " + e.Message,
            };
        }
    }
}
