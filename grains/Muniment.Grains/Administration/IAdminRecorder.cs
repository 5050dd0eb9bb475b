using Muniment.Events.Administration;

namespace Muniment.Grains.Administration;

/// <summary>Puts admin events into journals.</summary>
public interface IAdminRecorder
{
    /// <summary>Records one event; when it stands in the journal already, nothing more happens. Expected failures are false, never exceptions.</summary>
    /// <returns>Whether it stands in the journal.</returns>
    Task<bool> RecordAsync(OutboxEntry entry);
}
