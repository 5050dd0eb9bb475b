namespace Muniment.Events.Canonical.Parsing;

/// <summary>A member that goes to <c>details</c>: where its name (with quotes) and value stand in the event's text.</summary>
internal readonly record struct StrayMember(string? Parent, StrayPlace Place, int NameStart, int NameLength, int ValueStart, int ValueLength);

/// <summary>Where a stray member goes.</summary>
internal enum StrayPlace
{
    /// <summary><c>details.name</c>, or <c>details.parent.name</c>.</summary>
    Details,
    /// <summary><c>details.claimed.name</c>: only the server sets it.</summary>
    Claimed,
    /// <summary><c>details.claimed.sent.name</c>: its place in <c>details</c> is taken.</summary>
    ClaimedSent,
}
