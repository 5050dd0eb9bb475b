namespace Muniment.Events.Blocks;

/// <summary>How a needle stands in an event.</summary>
public enum NeedleForm
{
    /// <summary>Text that is the whole or a part of one value.</summary>
    Part,

    /// <summary>Text that is the whole of one value of the record, or a part of its envelope, resource or scope.</summary>
    Whole,

    /// <summary>Bytes that are the whole of one value of a log's or span's record; entries of other kinds are never left out.</summary>
    Binary,

    /// <summary>ASCII letters and digits in lower case that are a part of one value of the record, resource or scope, in letters of any case.</summary>
    Folded,
}
