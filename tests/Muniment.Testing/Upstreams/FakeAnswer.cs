namespace Muniment.Testing.Upstreams;

/// <summary>What a fake upstream answers, and how it goes wrong.</summary>
public sealed record FakeAnswer
{
    /// <summary>The text.</summary>
    public string Text { get; init; } = "Hello there, all is well.";

    /// <summary>The refusal; null for none.</summary>
    public string? Refusal { get; init; }

    /// <summary>Reasoning; signed in Anthropic's API. Null for none.</summary>
    public string? Reasoning { get; init; }

    /// <summary>Arguments of one tool call; null for none.</summary>
    public string? Arguments { get; init; }

    /// <summary>Characters of a fragment.</summary>
    public int Fragment { get; init; } = 5;

    /// <summary>Wait before the first byte.</summary>
    public int DelayMs { get; init; }

    /// <summary>Wait between frames.</summary>
    public int FrameDelayMs { get; init; }

    /// <summary>Cuts the connection before this frame; -1 for never.</summary>
    public int AbortAfterFrames { get; init; } = -1;

    /// <summary>Falls silent before this frame; -1 for never.</summary>
    public int HangAfterFrames { get; init; } = -1;

    /// <summary>Waits for something before this frame; null for nothing.</summary>
    public (int Frame, Task For)? WaitBeforeFrame { get; init; }

    /// <summary>Sends <see cref="Corruption"/> in the place of this frame; -1 for never.</summary>
    public int CorruptFrame { get; init; } = -1;

    /// <summary>What stands in the place of a frame.</summary>
    public string Corruption { get; init; } = "data: {\"choices\":[{\"index\":0\n\n";

    /// <summary>Tokens of input, uncached.</summary>
    public int InputTokens { get; init; } = 40;

    /// <summary>Tokens of input from a cache.</summary>
    public int CachedTokens { get; init; } = 60;

    /// <summary>Tokens of output.</summary>
    public int OutputTokens { get; init; } = 20;

    internal IEnumerable<string> Pieces(string text)
    {
        for (int position = 0; position < text.Length;)
        {
            int length = Math.Min(Fragment, text.Length - position);
            length += char.IsHighSurrogate(text[position + length - 1]) && position + length < text.Length ? 1 : 0;
            yield return text.Substring(position, length);
            position += length;
        }
    }
}
