using Muniment.Gateway.Ingest.Json;

namespace Muniment.Gateway.Deciding.Records;

/// <summary>One record that waits for its append. The task gives its seq once it is durable. Continuations do not run on the thread that tells it.</summary>
internal sealed class PendingRecord(RecordBuffer buffer, EnvelopeBytes envelope) : TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>The record; given back by who appends it.</summary>
    public RecordBuffer Buffer { get; } = buffer;

    /// <summary>Its envelope.</summary>
    public EnvelopeBytes Envelope { get; } = envelope;

    /// <summary>Bytes of the record.</summary>
    public int SizeBytes { get; } = buffer.Written.Length;

    /// <summary>Whether its append has not begun. Belongs to the queue.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>The record that goes right behind it, in the same append. Belongs to the queue.</summary>
    public PendingRecord? Follower { get; set; }
}
