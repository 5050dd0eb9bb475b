namespace Muniment.Events.Blocks.Sealed;

/// <summary>A column of byte strings as it will be stored.</summary>
internal sealed class PlannedColumn
{
    /// <summary>How values are rewritten.</summary>
    public TextForm Form { get; set; }

    /// <summary>Decimal and time: digits behind the point.</summary>
    public int Scale { get; set; }

    /// <summary>The values, or the dictionary's entries.</summary>
    public ReadOnlyMemory<byte> Content { get; set; }

    /// <summary>Their lengths; for decimal and time the numbers themselves.</summary>
    public long[] Lengths { get; set; } = [];

    /// <summary>Entry of each value; null when the column is no dictionary.</summary>
    public long[]? Indices { get; set; }

    /// <summary>While looking for repeats: where each entry stood first.</summary>
    public List<int> First { get; } = [];

    /// <summary>The frame that it belongs to.</summary>
    public SealedFrame Frame => this switch
    {
        { Form: TextForm.Decimal or TextForm.Time } => SealedFrame.Rest,
        { Indices: not null } when Lengths.Length <= 256 => SealedFrame.Names,
        { Form: TextForm.Uuid or TextForm.Hex } or { Indices: not null } => SealedFrame.Ids,
        _ when Lengths.Length == 0 || Content.Length <= 16L * Lengths.Length => SealedFrame.Ids,
        _ => SealedFrame.Text,
    };
}
