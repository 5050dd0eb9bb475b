namespace Orleans.Local.Calls;

/// <summary>A call that somebody waits for; a link of its <see cref="DeadlineList"/>.</summary>
internal abstract class PendingCall : Request
{
    /// <summary>The list it stands in, or null. Owned by that list, as are the links.</summary>
    internal DeadlineList? Deadlines { get; set; }

    internal PendingCall? Earlier { get; set; }

    internal PendingCall? Later { get; set; }

    internal long DeadlineTicksMs { get; set; }

    /// <summary>The time is up. The callee, if it runs, runs on; nobody hears it.</summary>
    internal abstract void TimeOut(TimeSpan timeout);
}
