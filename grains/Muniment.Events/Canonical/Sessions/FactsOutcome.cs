namespace Muniment.Events.Canonical.Sessions;

/// <summary>What became of reading the facts of an entry.</summary>
internal enum FactsOutcome : byte
{
    /// <summary>The event belongs to no session.</summary>
    NoSession,
    /// <summary>All there.</summary>
    Read,
    /// <summary>Something unusual stands in it: only the whole event tells.</summary>
    Unsure,
}
