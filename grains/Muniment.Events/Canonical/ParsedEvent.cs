using System.Diagnostics.CodeAnalysis;

namespace Muniment.Events.Canonical;

/// <summary>Outcome of reading one sent event.</summary>
/// <param name="Status">Whether it may be stored.</param>
/// <param name="Event">Set when <paramref name="Status"/> is <see cref="ParseStatus.Ok"/>: the event without what the server sets.</param>
/// <param name="Field">Otherwise the field at fault, dotted (<c>tool.exit_code</c>), or <c>body</c> when it is no JSON object at all.</param>
/// <param name="Expected">Otherwise what was expected there; ends the sentence "expected …".</param>
public readonly record struct ParsedEvent(ParseStatus Status, CanonicalEvent? Event, string? Field, string? Expected)
{
    /// <summary>Whether <see cref="Event"/> is set.</summary>
    [MemberNotNullWhen(true, nameof(Event))]
    [MemberNotNullWhen(false, nameof(Field), nameof(Expected))]
    public bool IsOk => Status == ParseStatus.Ok && Event is not null;

    /// <summary>One sentence that names the field, for a 400 or 403 or the <c>reason</c> of a rejected item.</summary>
    public string Reason => $"{Field}: expected {Expected}";
}

/// <summary>Whether a sent event may be stored.</summary>
public enum ParseStatus
{
    /// <summary>It may.</summary>
    Ok,
    /// <summary>It breaks a rule; 400, or a rejected item of a batch.</summary>
    Invalid,
    /// <summary>It names a stream that only the server sets; 403.</summary>
    Forbidden,
}
