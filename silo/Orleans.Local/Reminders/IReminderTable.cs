using Orleans.Runtime;

namespace Orleans;

/// <summary>
/// Where reminders are kept. Ranges are of <see cref="GrainId.GetUniformHashCode"/>: above begin and up to end, around the end of the numbers when begin is
/// not below end, so (0, 0) is everything. The stand-in computes other hashes than Microsoft Orleans: compute them when rows are read, do not store them.
/// </summary>
public interface IReminderTable
{
    /// <summary>Called when the silo starts.</summary>
    Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <summary>Called when the silo has stopped.</summary>
    Task StopAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <summary>The reminders of one grain.</summary>
    Task<ReminderTableData> ReadRows(GrainId grainId);

    /// <summary>The reminders of a range.</summary>
    Task<ReminderTableData> ReadRows(uint begin, uint end);

    /// <summary>One reminder, or null.</summary>
    Task<ReminderEntry> ReadRow(GrainId grainId, string reminderName);

    /// <summary>Writes one reminder and returns its version.</summary>
    Task<string> UpsertRow(ReminderEntry entry);

    /// <summary>Removes one reminder if it has that version.</summary>
    Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag);

    /// <summary>Removes all; only tests call it.</summary>
    Task TestOnlyClearTable();
}

/// <summary>One row of the table.</summary>
public sealed class ReminderEntry
{
    /// <summary>Whose reminder it is.</summary>
    public GrainId GrainId { get; set; }

    /// <summary>Its name.</summary>
    public string ReminderName { get; set; } = "";

    /// <summary>The first tick, UTC.</summary>
    public DateTime StartAt { get; set; }

    /// <summary>Time between ticks.</summary>
    public TimeSpan Period { get; set; }

    /// <summary>The row's version.</summary>
    public string ETag { get; set; } = "";
}

/// <summary>Some rows of the table.</summary>
public sealed class ReminderTableData
{
    /// <summary>No row.</summary>
    public ReminderTableData() => Reminders = [];

    /// <summary>One row.</summary>
    public ReminderTableData(ReminderEntry entry) => Reminders = [entry];

    /// <summary>Some rows.</summary>
    public ReminderTableData(IEnumerable<ReminderEntry> list) => Reminders = [.. list];

    /// <summary>The rows.</summary>
    public IList<ReminderEntry> Reminders { get; }
}
