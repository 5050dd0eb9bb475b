namespace Muniment.Journal.Storage;

/// <summary>
/// Told once when storage can no longer be trusted (an I/O error, a corrupt page). The host must end the process: after a failed fsync the kernel may have
/// dropped what it could not write, so the only sound next step is to start again and read what is really there.
/// </summary>
public interface IJournalFailure
{
    /// <summary>Storage failed for good.</summary>
    /// <param name="reason">One sentence for the operator.</param>
    /// <param name="exception">What the database said.</param>
    void Fatal(string reason, Exception? exception);
}
