namespace Muniment.Gateway.Llm.Sse;

/// <summary>What the reader has.</summary>
internal enum SseReadStatus
{
    /// <summary>A frame.</summary>
    Frame,
    /// <summary>More bytes are needed.</summary>
    NeedsMore,
    /// <summary>The frame is larger than the reader takes; the stream cannot go on.</summary>
    TooLarge,
}
