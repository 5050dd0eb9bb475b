namespace Muniment.Events.Blocks;

/// <summary>First byte of each item in a segment's content. Rows carry their <see cref="EntryKind"/> (1 to 15).</summary>
internal static class SegmentTag
{
    public const byte Envelope = 0x10;
    public const byte Resource = 0x11;
    public const byte Scope = 0x12;
}
