namespace Muniment.Gateway.Llm.Json;

/// <summary>One value of a document: where its bytes lie and what contains it. Ranges count bytes of the document.</summary>
internal struct JsonNode
{
    /// <summary>Node that contains it; -1 for the root.</summary>
    public int Parent;

    /// <summary>First byte of its name without quotes; 0 length for array elements and the root.</summary>
    public int NameStart;

    /// <summary>Bytes of the name as written.</summary>
    public int NameLength;

    /// <summary>Place among its siblings.</summary>
    public int Index;

    /// <summary>First byte of the value (the quote of a string).</summary>
    public int Start;

    /// <summary>One past the last byte of the value.</summary>
    public int End;

    /// <summary>First node after this one and all that it contains.</summary>
    public int Next;

    /// <summary>What it is.</summary>
    public JsonKind Kind;

    /// <summary>Whether the string has escapes.</summary>
    public bool Escaped;

    /// <summary>Whether the name has escapes.</summary>
    public bool NameEscaped;
}
