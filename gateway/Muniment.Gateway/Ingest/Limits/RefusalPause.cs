namespace Muniment.Gateway.Ingest.Limits;

/// <summary>
/// Holds the answer to a tenant that is over its quota for a moment. A sender that waits for its answers, as all do, is slowed to what costs the others nothing, without a thread or a body
/// being held. Only so many answers are held at once; the rest go out at once.
/// </summary>
internal static class RefusalPause
{
    /// <summary>How long an answer is held.</summary>
    public const int PauseMs = 100;

    /// <summary>Answers that are held at once.</summary>
    public const int MaxHeld = 512;

    private static int _held;

    /// <summary>Waits; shorter when the client goes away.</summary>
    public static async Task WaitAsync(CancellationToken aborted)
    {
        try
        {
            if (Interlocked.Increment(ref _held) <= MaxHeld)
            {
                IngestInstruments.Held();
                await Task.Delay(PauseMs, aborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The client has gone; whoever writes the answer finds that out.
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
    }
}
