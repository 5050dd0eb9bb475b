namespace Muniment.Policy.Detectors.Scanning;

/// <summary>The bounds that make a streamed and a whole redaction the same: what a match may depend on.</summary>
internal static class ScanLimits
{
    /// <summary>No match reads further than this from its start; what is longer goes on as <see cref="Swallow"/>. With two characters to look behind it and a begun escape, a stream holds back at most 256.</summary>
    public const int Hold = 248;

    /// <summary>No match reads further than this before its start (key words beside a value, the part before an @).</summary>
    public const int Before = 128;

    /// <summary>Text kept before what is not decided yet, so that a key word's own surroundings can be read.</summary>
    public const int Kept = 2 * Before;

    /// <summary>A swallowed run ends after this many characters, whatever follows.</summary>
    public const int Swallowed = 65_536;
}
