using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using Orleans.Local.Activations;
using Orleans.Local.Silos;
using Orleans.Runtime;

namespace Orleans.Local.Reminders;

/// <summary>
/// Ticks the reminders of the table. Each silo keeps timers for all of them, the first active silo alone delivers, and registrations go to it: so a tick
/// comes once, and another silo goes on when that one is gone. <c>_armed</c> belongs to its lock.
/// </summary>
internal sealed partial class ReminderService(LocalSilo silo, IOptions<ReminderOptions> options, ILogger<ReminderService> logger) : IDisposable
{
    /// <summary>A timer cannot wait longer than 49 days; a tick that is further off is looked at again.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(30);

    private readonly Dictionary<(GrainId, string), Armed> _armed = [];
    private IReminderTable _table = null!;
    private ITimer? _refresh;

    /// <summary>The service that answers for a grain.</summary>
    public static ReminderService For(Grain grain)
    {
        if (grain is not IRemindable) throw new InvalidOperationException($"{grain.GetType()} must implement IRemindable to have reminders.");
        LocalSilo own = Activation.Of(grain).Silo;
        LocalSilo leader = own.Cluster.Active.FirstOrDefault() ?? own;
        ReminderService service = leader.Services.GetRequiredService<ReminderService>();
        return service._table is not null ? service : throw new InvalidOperationException("Reminders are not configured; call UseInMemoryReminderService or add an IReminderTable.");
    }

    public async Task StartAsync(IReminderTable table, CancellationToken cancellationToken)
    {
        _table = table;
        await table.StartAsync(cancellationToken);
        await RefreshAsync();
        TimeSpan period = options.Value.RefreshReminderListPeriod;
        _refresh = silo.Time.CreateTimer(static service => _ = ((ReminderService)service!).RefreshAsync(), this, period, period);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        await _table.StopAsync(cancellationToken);
    }

    public void Dispose()
    {
        _refresh?.Dispose();
        lock (_armed)
        {
            foreach (Armed armed in _armed.Values) armed.Timer?.Dispose();
            _armed.Clear();
        }
    }

    public async Task<IGrainReminder> RegisterAsync(GrainId grainId, string name, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        if (period < options.Value.MinimumReminderPeriod)
        {
            throw new ArgumentException($"Cannot register reminder {name} as requested period ({period}) is less than minimum allowed reminder period ({options.Value.MinimumReminderPeriod})");
        }
        ReminderEntry entry = new() { GrainId = grainId, ReminderName = name, StartAt = silo.Time.GetUtcNow().UtcDateTime + dueTime, Period = period };
        entry.ETag = await _table.UpsertRow(entry) ?? throw new ReminderException($"Could not register reminder {name} of {grainId} due to a race. Please try again later.");
        Arm(entry);
        return new Reminder(entry);
    }

    public async Task UnregisterAsync(IGrainReminder reminder)
    {
        ReminderEntry entry = ((Reminder)reminder).Entry;
        if (!await _table.RemoveRow(entry.GrainId, entry.ReminderName, entry.ETag) && await _table.ReadRow(entry.GrainId, entry.ReminderName) is not null)
        {
            throw new ReminderException($"Could not unregister reminder {entry.ReminderName} of {entry.GrainId}: it was changed since. You can retry.");
        }
        Disarm((entry.GrainId, entry.ReminderName));
    }

    public async Task<IGrainReminder?> GetAsync(GrainId grainId, string name) => await _table.ReadRow(grainId, name) is { } entry ? new Reminder(entry) : null;

    public async Task<List<IGrainReminder>> GetAsync(GrainId grainId) => [.. (await _table.ReadRows(grainId)).Reminders.Select(entry => new Reminder(entry))];

    private async Task RefreshAsync()
    {
        try
        {
            IList<ReminderEntry> rows = (await _table.ReadRows(0, 0)).Reminders;
            HashSet<(GrainId, string)> stored = [.. rows.Select(row => (row.GrainId, row.ReminderName))];
            (GrainId, string)[] gone;
            lock (_armed) gone = [.. _armed.Keys.Where(key => !stored.Contains(key))];
            foreach ((GrainId, string) key in gone) Disarm(key);
            foreach (ReminderEntry row in rows)
            {
                bool known;
                lock (_armed) known = _armed.TryGetValue((row.GrainId, row.ReminderName), out Armed? armed) && armed.Entry.ETag == row.ETag;
                if (!known) Arm(row);
            }
        }
        catch (Exception exception)
        {
            LogRefreshFailed(logger, exception);
        }
    }

    private void Arm(ReminderEntry entry)
    {
        Disarm((entry.GrainId, entry.ReminderName));
        Armed armed = new(entry);
        lock (_armed) _armed[(entry.GrainId, entry.ReminderName)] = armed;
        Schedule(armed);
    }

    private void Disarm((GrainId, string) key)
    {
        lock (_armed)
        {
            if (_armed.Remove(key, out Armed? armed)) armed.Timer?.Dispose();
        }
    }

    private void Schedule(Armed armed)
    {
        DateTime now = silo.Time.GetUtcNow().UtcDateTime;
        ReminderEntry entry = armed.Entry;
        // Ticks that were missed while nothing ran are not made up for.
        armed.Next = entry.StartAt > now ? entry.StartAt : entry.StartAt + entry.Period * (Math.Floor((now - entry.StartAt) / entry.Period) + 1);
        TimeSpan wait = armed.Next - now;
        using (ExecutionContext.SuppressFlow())
        {
            armed.Timer?.Dispose();
            armed.Timer = silo.Time.CreateTimer(_ => OnTimer(armed), null, wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer(Armed armed)
    {
        lock (_armed)
        {
            if (!_armed.TryGetValue((armed.Entry.GrainId, armed.Entry.ReminderName), out Armed? current) || current != armed) return;
        }
        DateTime now = silo.Time.GetUtcNow().UtcDateTime;
        if (now >= armed.Next && silo.Cluster.Active.FirstOrDefault() == silo) _ = DeliverAsync(armed.Entry, now);
        Schedule(armed);
    }

    private async Task DeliverAsync(ReminderEntry entry, DateTime now)
    {
        try
        {
            await silo.GrainFactory.GetGrain<IRemindable>(entry.GrainId).ReceiveReminder(entry.ReminderName, new(entry.StartAt, entry.Period, now));
        }
        catch (Exception exception)
        {
            LogTickFailed(logger, exception, entry.ReminderName, entry.GrainId);
        }
    }

    [LoggerMessage(8, LogLevel.Error, "The reminders could not be read; those that are known tick on.")]
    private static partial void LogRefreshFailed(ILogger logger, Exception exception);

    [LoggerMessage(9, LogLevel.Error, "A tick of reminder {Name} of {GrainId} failed; the next one still comes.")]
    private static partial void LogTickFailed(ILogger logger, Exception exception, string name, GrainId grainId);

    private sealed class Armed(ReminderEntry entry)
    {
        public ReminderEntry Entry => entry;

        public ITimer? Timer { get; set; }

        public DateTime Next { get; set; }
    }

    private sealed record Reminder(ReminderEntry Entry) : IGrainReminder
    {
        public string ReminderName => Entry.ReminderName;
    }
}
