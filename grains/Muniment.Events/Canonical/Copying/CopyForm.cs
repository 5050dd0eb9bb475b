namespace Muniment.Events.Canonical.Copying;

/// <summary>What a member's value must be to be copied as it stands.</summary>
internal enum CopyForm : byte
{
    /// <summary>Plain text.</summary>
    Text,
    /// <summary>A word of a closed set.</summary>
    Word,
    /// <summary>Digits without sign, point or exponent.</summary>
    Digits,
    /// <summary>A number as a double is written: no sign, no exponent, at most 15 digits, the last one behind a point not 0.</summary>
    Number,
    /// <summary>Lower-case hex digits, not all 0.</summary>
    Hex,
    /// <summary>true or false.</summary>
    Flag,
}
