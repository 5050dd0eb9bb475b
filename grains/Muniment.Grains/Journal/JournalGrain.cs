using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Journal;
using Muniment.Journal.Space;
using Muniment.Messages.Journal;
using Muniment.Trust.Merkle;

namespace Muniment.Grains.Journal;

/// <summary>
/// The sequencer of one tenant: a thin shell over <see cref="JournalSequencer"/>. Orleans may run two activations for a moment; the epoch taken at
/// activation fences the older one inside the commit transaction, so there is never a fork.
/// </summary>
[GrainType("journal")]
internal sealed partial class JournalGrain : Grain, IJournalGrain
{
    private readonly IJournalWriter writer;
    private readonly JournalLimits limits;
    private readonly JournalInstruments instruments;
    private readonly IAppendHints hints;
    private readonly IStorageGuard space;
    private readonly TimeProvider time;
    private readonly ILogger<JournalGrain> logger;
    private JournalSequencer sequencer = null!;
    private Slowdown slowdown = null!;
    private Company company = null!;
    private TenantId tenant;
    private bool sealing;

    public JournalGrain(IJournalWriter writer, IOptions<JournalLimits> limits, JournalInstruments instruments, IAppendHints hints, IStorageGuard space, TimeProvider time, ILogger<JournalGrain> logger)
    {
        this.writer = writer;
        this.limits = limits.Value;
        this.instruments = instruments;
        this.hints = hints;
        this.space = space;
        this.time = time;
        this.logger = logger;
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        tenant = TenantId.Parse(this.GetPrimaryKeyString());
        JournalHead head = await writer.AcquireAsync(tenant, cancellationToken);
        slowdown = new Slowdown(limits, instruments, time, head.Size);
        company = new Company(limits, time);
        sequencer = new JournalSequencer(writer, head, limits, instruments, slowdown, company);
        LogAcquired(tenant, head.Epoch, head.Size);
        StartSealing();
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        company?.Dispose();
        return Task.CompletedTask;
    }

    public async Task<AppendResult> Append(AppendRequest request)
    {
        if (!request.Priority && space.Space == StorageSpace.LowWater)
        {
            instruments.Refused(AppendStatus.StorageFull);
            return new AppendResult(AppendStatus.StorageFull, -1, -1, default, [], "free space is below Storage:LowWaterBytes: only decisions and admin changes are taken");
        }

        AppendResult result = await sequencer.AppendAsync(ToPending(request), request.Priority);
        if (result.Status is AppendStatus.Accepted)
        {
            hints.Advanced(tenant, sequencer.Head.Size);
            StartSealing();
        }
        else if (sequencer.Ended is { } ended)
        {
            LogEnded(tenant, ended, result.Detail);
            DeactivateOnIdle();
        }

        return result;
    }

    public Task<JournalStatus> GetStatus()
    {
        JournalHead head = sequencer.Head;
        return Task.FromResult(new JournalStatus(head.Epoch, head.Size, new MerkleFrontier(head.Size, head.Peaks.AsSpan()).Root(), sequencer.QueuedBytes, slowdown.SealedSize));
    }

    private static PendingAppend ToPending(AppendRequest request)
    {
        var segments = ImmutableArray.CreateBuilder<Segment>(request.Segments.Length);
        foreach (SegmentMessage s in request.Segments)
        {
            segments.Add(new Segment(s.Count, s.ReceivedNs, s.MinTimeNs, s.MaxTimeNs, s.Payload, s.Leaves, s.Terms));
        }

        var ids = ImmutableArray.CreateBuilder<EventIdDigest>(request.Ids.Length);
        foreach (EventIdMessage id in request.Ids)
        {
            ids.Add(new EventIdDigest(id.Index, new UInt128(id.IdHigh, id.IdLow), id.Content));
        }

        return new PendingAppend(segments.MoveToImmutable(), request.RequestDigest, ids.MoveToImmutable(), request.Answer);
    }

    private void StartSealing()
    {
        if (!sealing && slowdown.IsRipe)
        {
            sealing = true;
            _ = SealAsync();
        }
    }

    /// <summary>Runs beside appends (the work itself is on the store's own thread); at most one at a time.</summary>
    private async Task SealAsync()
    {
        try
        {
            long before;
            do
            {
                before = slowdown.SealedSize;
                slowdown.Sealed(await writer.SealAsync(sequencer.Head, CancellationToken.None));
            }
            while (slowdown.SealedSize > before && slowdown.IsRipe && sequencer.Ended is null);
        }
        catch (Exception e)
        {
            // Sealing only saves space: the commit rows stay readable, and the next append tries again.
            slowdown.SealingFailed();
            LogSealFailed(e, tenant);
        }
        finally
        {
            sealing = false;
        }
    }

    [LoggerMessage(1101, LogLevel.Information, "Journal of {Tenant} acquired: epoch {Epoch}, size {Size}")]
    private partial void LogAcquired(TenantId tenant, long epoch, long size);

    [LoggerMessage(1102, LogLevel.Warning, "Journal of {Tenant} hands over: {Reason} ({Detail})")]
    private partial void LogEnded(TenantId tenant, AppendStatus reason, string? detail);

    [LoggerMessage(1103, LogLevel.Error, "Sealing of {Tenant} failed; it will be tried again")]
    private partial void LogSealFailed(Exception exception, TenantId tenant);
}
