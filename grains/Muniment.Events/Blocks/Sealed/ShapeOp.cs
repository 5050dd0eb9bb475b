namespace Muniment.Events.Blocks.Sealed;

/// <summary>Steps of a shape: what a record is made of, besides its values. The numbers are stored.</summary>
internal enum ShapeOp : byte
{
    /// <summary>A record's start; the tag is 0 for records kept whole, else their <see cref="EntryKind"/>.</summary>
    Root = 0,

    /// <summary>Fixed bytes.</summary>
    Literal = 1,

    /// <summary>The next value of a bytes column, as it is.</summary>
    Text = 2,

    /// <summary>Protobuf: tag, length, and the next value of a bytes column.</summary>
    Bytes = 3,

    /// <summary>Protobuf: tag, and the next number as a varint.</summary>
    Varint = 4,

    /// <summary>Protobuf: tag, and the next number in 8 bytes.</summary>
    Fixed64 = 5,

    /// <summary>Protobuf: tag, and the next number in 4 bytes.</summary>
    Fixed32 = 6,

    /// <summary>Protobuf: tag and length of a message, whose content follows up to <see cref="End"/>.</summary>
    Begin = 7,

    /// <summary>End of a message.</summary>
    End = 8,
}
