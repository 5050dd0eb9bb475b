using Orleans.Runtime;

namespace Orleans.Local.Reminders;

/// <summary>Reminders in memory, for tests.</summary>
internal sealed class MemoryReminderTable : IReminderTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(GrainId, string), ReminderEntry> _rows = [];
    private long _lastETag;

    public Task<ReminderTableData> ReadRows(GrainId grainId)
    {
        lock (_gate) return Task.FromResult(new ReminderTableData(_rows.Values.Where(row => row.GrainId == grainId)));
    }

    public Task<ReminderTableData> ReadRows(uint begin, uint end)
    {
        bool InRange(uint hash) => begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;
        lock (_gate) return Task.FromResult(new ReminderTableData(_rows.Values.Where(row => InRange(row.GrainId.GetUniformHashCode()))));
    }

    public Task<ReminderEntry> ReadRow(GrainId grainId, string reminderName)
    {
        lock (_gate) return Task.FromResult(_rows.GetValueOrDefault((grainId, reminderName))!);
    }

    public Task<string> UpsertRow(ReminderEntry entry)
    {
        lock (_gate)
        {
            entry.ETag = (++_lastETag).ToString(System.Globalization.CultureInfo.InvariantCulture);
            _rows[(entry.GrainId, entry.ReminderName)] = entry;
            return Task.FromResult(entry.ETag);
        }
    }

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag)
    {
        lock (_gate) return Task.FromResult(_rows.TryGetValue((grainId, reminderName), out ReminderEntry? row) && row.ETag == eTag && _rows.Remove((grainId, reminderName)));
    }

    public Task TestOnlyClearTable()
    {
        lock (_gate) _rows.Clear();
        return Task.CompletedTask;
    }
}
