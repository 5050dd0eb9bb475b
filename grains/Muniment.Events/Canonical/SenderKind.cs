namespace Muniment.Events.Canonical;

/// <summary>Whose event is read; decides what its server-only fields count for.</summary>
public enum SenderKind
{
    /// <summary>A key's own events. A server's stream is refused, other server-only fields are kept in <c>details.claimed</c>.</summary>
    Ordinary,
    /// <summary>An import of another system's log. A server's stream becomes <c>activity</c> and is kept in <c>details.claimed</c> too.</summary>
    Import,
    /// <summary>The platform itself. Its <c>stream</c> and <c>decision</c> count.</summary>
    Platform,
}
