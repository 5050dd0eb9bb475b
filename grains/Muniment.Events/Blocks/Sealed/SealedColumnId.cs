namespace Muniment.Events.Blocks.Sealed;

/// <summary>Numbers of the columns that every block has; columns of the tree of shapes follow from <see cref="FirstOfTree"/> on.</summary>
internal static class SealedColumnId
{
    public const int Shape = 0;
    public const int Received = 1;
    public const int Kind = 2;
    public const int Envelope = 3;
    public const int Resource = 4;
    public const int Scope = 5;
    public const int Envelopes = 6;
    public const int Resources = 7;
    public const int Scopes = 8;
    public const int FirstOfTree = 16;

    /// <summary>Form byte of a column of numbers; smaller ones are <see cref="TextForm"/>.</summary>
    public const byte NumberForm = 5;

    /// <summary>Form byte of a column of doubles stored as decimal numbers, followed by the digits behind the point.</summary>
    public const byte DoubleForm = 6;

    /// <summary>
    /// Form byte of a column of plain texts that lie in the text frame, in pieces: <c>stream of lengths ‖ 32 bytes: byte values that occur in any text ‖ 32 bytes: in every text</c>. The
    /// texts follow those of the columns before it.
    /// </summary>
    public const byte TextFrameForm = 7;
}
