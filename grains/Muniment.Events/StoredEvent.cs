namespace Muniment.Events;

/// <summary>
/// One journal entry as it is kept: the server's envelope and the sender's bytes. Slices may share one decoded buffer; nobody writes to it.
/// For <see cref="EntryKind.Event"/> <see cref="Record"/> is the event's JSON object as received and <see cref="Resource"/> and <see cref="Scope"/> are empty.
/// For OTLP kinds <see cref="Resource"/> is a protobuf <c>ResourceLogs|ResourceSpans|ResourceMetrics</c> without its scopes (fields 1 and 3),
/// <see cref="Scope"/> a <c>ScopeLogs|ScopeSpans|ScopeMetrics</c> without its records (fields 1 and 3), and <see cref="Record"/> the
/// <c>LogRecord|Span|Metric</c> message; OTLP/JSON is transcoded to protobuf at the door. Leaking attributes are already cut.
/// </summary>
/// <param name="Seq">Position in the tenant's log, dense from 0.</param>
/// <param name="ReceivedNs">When the server took it, Unix time in ns.</param>
/// <param name="Kind">What <paramref name="Record"/> is.</param>
/// <param name="Envelope">Server-set fields, JSON of <see cref="Canonical.Envelope"/>.</param>
/// <param name="Resource">OTLP only: resource without scopes.</param>
/// <param name="Scope">OTLP only: scope without records.</param>
/// <param name="Record">The sender's record.</param>
public readonly record struct StoredEvent(
    long Seq, long ReceivedNs, EntryKind Kind, ReadOnlyMemory<byte> Envelope, ReadOnlyMemory<byte> Resource, ReadOnlyMemory<byte> Scope, ReadOnlyMemory<byte> Record);
