namespace Muniment.Policy.Detectors.Scanning;

/// <summary>
/// What goes on being covered after a match whose end was not seen within the hold bound. Each is a class of characters (or a terminator) that can be
/// followed one character at a time, so nothing has to be held back for it. In the order of what they cover: of two, the wider stays.
/// </summary>
internal enum Swallow : byte
{
    /// <summary>Nothing: the match ends where it ends.</summary>
    None,

    /// <summary>Letters, digits, <c>_-+/=.~%</c>.</summary>
    Token,

    /// <summary>Up to space, quote or semicolon.</summary>
    Value,

    /// <summary>Up to the end of the line or a quote.</summary>
    Line,

    /// <summary>Up to the END line of a PEM block, or a character that none contains.</summary>
    Pem,

    /// <summary>Up to the END line of a PGP block.</summary>
    Armor,
}
