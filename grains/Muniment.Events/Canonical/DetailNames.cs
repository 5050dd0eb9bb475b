namespace Muniment.Events.Canonical;

/// <summary>Members of <c>details</c> that only the server writes. A sender's own members of these names are kept in <c>details.claimed.details</c>.</summary>
public static class DetailNames
{
    /// <summary>What the sender claimed and the server knows better, or what only the server sets: <c>user, project, actor, seq, source, …</c></summary>
    public const string Claimed = "claimed";
    /// <summary>Leaking attributes that were cut: name and count.</summary>
    public const string Cut = "cut";
    /// <summary>The sender's id, when other content holds it.</summary>
    public const string IdConflict = "id_conflict";
    /// <summary>The sender's <c>ts</c>, when it lies more than 24 h ahead.</summary>
    public const string TsSuspect = "ts_suspect";

    /// <summary>Whether only the server writes it.</summary>
    public static bool IsReserved(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("claimed"u8) || name.SequenceEqual("cut"u8) || name.SequenceEqual("id_conflict"u8) || name.SequenceEqual("ts_suspect"u8);
}
