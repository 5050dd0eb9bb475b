namespace Muniment.Gateway.Llm.Json;

/// <summary>Why a document cannot be used.</summary>
internal enum JsonFault
{
    /// <summary>It can.</summary>
    None,
    /// <summary>Not JSON, or nested deeper than <see cref="JsonTape.MaxDepth"/>.</summary>
    Malformed,
    /// <summary>Not UTF-8.</summary>
    NotUtf8,
    /// <summary>More than <see cref="JsonTape.MaxNodes"/> values.</summary>
    TooMany,
    /// <summary>An object names a member twice: readers disagree about which counts.</summary>
    Repeated,
    /// <summary>A member that is read here is written in other letters than the protocol's, which some readers take for it.</summary>
    OtherCase,
    /// <summary>A model is named by something else than a plain text, so that no rule can tell which it is.</summary>
    BadModel,
}
