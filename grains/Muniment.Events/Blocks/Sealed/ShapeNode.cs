namespace Muniment.Events.Blocks.Sealed;

/// <summary>One node of the tree of shapes. A shape is a path from a root to the node where a record ended.</summary>
internal struct ShapeNode
{
    public int Parent;
    public ShapeOp Op;
    public uint Tag;

    /// <summary>Number of the literal or of the column.</summary>
    public int Argument;

    /// <summary>What names the columns below: the path of fields and attribute keys.</summary>
    public int Context;
    public int FirstChild;
    public int NextSibling;

    /// <summary>First of the ways on by a whole attribute, -1 for none.</summary>
    public int FirstAttribute;

    /// <summary>Number of the shape that ends here, -1 for none.</summary>
    public int Shape;
}
