namespace Muniment.Events.Blocks.Sealed;

/// <summary>A way from one node to another by a whole attribute with one plain value, so that the usual attribute is one comparison and not six steps.</summary>
/// <param name="Next">The next one from the same node, or -1.</param>
/// <param name="Tag">Tag of the attribute's message.</param>
/// <param name="Key">The message's beginning: tag, length and bytes of the key.</param>
/// <param name="Value">Tag of the value.</param>
/// <param name="Op">What the value is.</param>
/// <param name="Node">Where it leads.</param>
/// <param name="Column">Where the value goes.</param>
internal readonly record struct AttributeStep(int Next, uint Tag, byte[] Key, byte Value, ShapeOp Op, int Node, int Column)
{
    /// <summary>Tag of <c>KeyValue.value</c>.</summary>
    public const byte ValueTag = 0x12;
}
