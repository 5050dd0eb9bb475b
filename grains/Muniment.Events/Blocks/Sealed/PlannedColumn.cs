namespace Muniment.Events.Blocks.Sealed;

/// <summary>A column of byte strings as it will be stored.</summary>
internal readonly record struct PlannedColumn
{
    /// <summary>How values are rewritten.</summary>
    public TextForm Form { get; init; }

    /// <summary>Decimal and time: digits behind the point.</summary>
    public int Scale { get; init; }

    /// <summary>The values, or the dictionary's entries.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Their lengths; for decimal and time the numbers themselves.</summary>
    public ReadOnlyMemory<long> Lengths { get; init; }

    /// <summary>Whether it is a dictionary.</summary>
    public bool HasIndices { get; init; }

    /// <summary>Entry of each value, when it is a dictionary.</summary>
    public ReadOnlyMemory<long> Indices { get; init; }

    /// <summary>The frame that it belongs to.</summary>
    public SealedFrame Frame => this switch
    {
        { Form: TextForm.Decimal or TextForm.Time } => SealedFrame.Rest,
        { HasIndices: true, Lengths.Length: <= 256 } => SealedFrame.Names,
        { Form: TextForm.Uuid or TextForm.Hex } or { HasIndices: true } => SealedFrame.Ids,
        _ when Lengths.Length == 0 || Content.Length <= 16L * Lengths.Length => SealedFrame.Ids,
        _ => SealedFrame.Text,
    };
}
