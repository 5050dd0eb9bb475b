namespace Muniment.Gateway.Llm.Streaming;

/// <summary>Why a stream cannot go on.</summary>
internal enum StreamFault
{
    /// <summary>It can.</summary>
    None,
    /// <summary>A frame's data is no JSON, or no UTF-8.</summary>
    Malformed,
    /// <summary>A frame, or what is held back, is larger than the limit.</summary>
    TooLarge,
    /// <summary>The upstream closed before its last frame.</summary>
    BrokenOff,
    /// <summary>Signed reasoning holds what policy does not let pass, and policy says deny.</summary>
    Reasoning,
    /// <summary>A detector did not come to its end.</summary>
    Detector,
    /// <summary>The answer has parts that cannot be looked into, and policy says deny.</summary>
    NotCovered,
    /// <summary>A rule denies a message.</summary>
    Denied,
}
