using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Fields;
using Muniment.Events.Keys;
using Muniment.Events.Terms;
using Muniment.Gateway.Access;
using Muniment.Gateway.Ingest;
using Muniment.Journal;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Deciding;

/// <summary>
/// At the start: calls whose answer was to follow and never did, because the process that forwarded them ended, get <c>decision.interrupted</c>. Looks at what this machine's gateway
/// recorded before this start, from its last decision back as far as a call can last. Recording one twice after a second crash in between is prevented by looking first.
/// </summary>
internal sealed partial class InterruptedDecisions(IJournalReader journal, ITenantStore tenants, ITenantKeyring keyring, DecisionLog log, TimeProvider time, ILogger<InterruptedDecisions> logger)
    : BackgroundService
{
    /// <summary>Longest that a call is taken to last; one that began earlier before the last decision is not looked for.</summary>
    public static readonly TimeSpan LongestCall = TimeSpan.FromMinutes(30);

    /// <summary>Most decisions of a tenant that are looked at; beyond it a warning is logged.</summary>
    public const int MaxDecisions = 500_000;

    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);

    /// <summary>How many calls were marked; completes when all tenants were looked through.</summary>
    public Task<int> Completion => _done.Task;

    private readonly TaskCompletionSource<int> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _startNs = Intake.Nanoseconds(time);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        int marked = 0;
        try
        {
            TenantListMessage list = await UntilAsync(() => tenants.ListAsync(-1), stoppingToken);
            foreach (TenantMessage tenant in list.Tenants)
            {
                TenantId id = TenantId.Parse(tenant.Id);
                marked += await UntilAsync(() => MarkAsync(id, stoppingToken), stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends; the next start goes on.
        }

        _done.TrySetResult(marked);
    }

    /// <summary>Looks through one tenant. Public for tests.</summary>
    public async Task<int> MarkAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var filter = new BlockFilter([[new TermHasher(keyring.Current(tenant)).Hash(TermField.Stream, "decision"u8)]], [], long.MinValue, long.MaxValue);
        var answered = new HashSet<string>(StringComparer.Ordinal);
        var open = new List<(string Id, CanonicalEvent Request)>();
        var reader = new EventReader(tenant);
        long oldestNs = long.MinValue;
        int seen = 0;
        bool over = false;
        await foreach (JournalBlock block in journal.ReadAsync(tenant, SeqRange.All, filter, newestFirst: true, cancellationToken))
        {
            for (int i = block.Events.Count - 1; i >= 0 && !over; i--)
            {
                StoredEvent stored = block.Events[i];
                if (stored.Kind is not EntryKind.Event || reader.Read(stored) is not { Stream: "decision" } e || DetailPath.Find(e.Decision, "id"u8).Text is not { } id)
                {
                    continue;
                }

                if (DetailPath.Find(e.Decision, "phase"u8).Text == "response")
                {
                    answered.Add(id);
                }
                else if (e.ReceivedNs < _startNs && IsAwaited(e) && !answered.Contains(id))
                {
                    open.Add((id, e));
                }

                oldestNs = oldestNs == long.MinValue && e.ReceivedNs < _startNs ? e.ReceivedNs - (LongestCall.Ticks * 100) : oldestNs;
                over = e.ReceivedNs < oldestNs || ++seen >= MaxDecisions;
            }

            if (over)
            {
                break;
            }
        }

        if (seen >= MaxDecisions)
        {
            LogTooMany(logger, tenant.Value, MaxDecisions);
        }

        foreach ((string id, CanonicalEvent request) in open)
        {
            await log.AppendInterruptedAsync(tenant, request, id, cancellationToken);
        }

        if (open.Count > 0)
        {
            LogMarked(logger, tenant.Value, open.Count);
        }

        return open.Count;
    }

    // Another machine's gateway may be alive, with its calls in flight.
    private static bool IsAwaited(CanonicalEvent e) =>
        DetailPath.Find(e.Details, "answer_follows"u8).Kind is not FieldKind.Missing && DetailPath.Find(e.Details, "gateway"u8).Text == Environment.MachineName;

    private async Task<T> UntilAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await work();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogAgain(logger, e);
                await Task.Delay(RetryEvery, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(1601, LogLevel.Warning, "{Count} calls of tenant {Tenant} were interrupted when the process ended; they are marked")]
    private static partial void LogMarked(ILogger logger, string tenant, int count);

    [LoggerMessage(1602, LogLevel.Warning, "Looking for interrupted calls of tenant {Tenant} ended after {Limit} decisions; older ones are not marked")]
    private static partial void LogTooMany(ILogger logger, string tenant, int limit);

    [LoggerMessage(1603, LogLevel.Warning, "Interrupted calls cannot be looked for at the moment; it is tried again")]
    private static partial void LogAgain(ILogger logger, Exception exception);
}
