namespace Muniment.Events.Canonical;

/// <summary>Limits of one canonical event on its way in.</summary>
public static class EventLimits
{
    /// <summary>Most bytes of one event's JSON.</summary>
    public const int MaxSizeBytes = 1 << 20;

    /// <summary>Deepest nesting of objects and arrays, the event itself counted.</summary>
    public const int MaxDepth = 64;

    /// <summary>Most characters of <c>action</c>.</summary>
    public const int MaxActionLength = 256;
}
