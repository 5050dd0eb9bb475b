namespace Muniment.Grains.Sessions;

/// <summary>Settings <c>Sessions:*</c>.</summary>
public sealed class SessionOptions
{
    /// <summary>A session without an event for so long counts as ended.</summary>
    public int IdleMinutes { get; set; } = 30;
}
