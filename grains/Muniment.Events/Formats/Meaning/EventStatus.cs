namespace Muniment.Events.Formats.Meaning;

/// <summary>How an action ended.</summary>
internal enum EventStatus : byte
{
    /// <summary>Not known, or nothing that could fail: result <c>info</c>.</summary>
    Unknown,
    /// <summary>It happened, perhaps changed or with content taken out.</summary>
    Success,
    /// <summary>It did not: denied, failed or broken off.</summary>
    Failure,
}
