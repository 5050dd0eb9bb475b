namespace Muniment.Events.Blocks.Sealed;

/// <summary>The four frames of a sealed block, in order. The numbers are stored.</summary>
public enum SealedFrame
{
    /// <summary>Ids and other short values of which most differ.</summary>
    Ids = 0,

    /// <summary>Columns with at most 256 different values.</summary>
    Names = 1,

    /// <summary>Longer values of which most differ.</summary>
    Text = 2,

    /// <summary>Shapes, numbers, times, envelopes, resources, scopes and nonce ranges.</summary>
    Rest = 3,
}
