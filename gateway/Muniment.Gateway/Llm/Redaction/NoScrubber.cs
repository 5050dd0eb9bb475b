namespace Muniment.Gateway.Llm.Redaction;

/// <summary>Nothing is looked for.</summary>
internal sealed class NoScrubber : Scrubber
{
    /// <summary>The only one; it has no state.</summary>
    public static NoScrubber Instance { get; } = new();

    public override bool IsActive => false;

    public override string? Scrub(string text, in TextPlace place) => null;

    public override string? ScrubJson(string text, in TextPlace place) => null;

    public override ChannelScrubber Open(string pointer) => Channel.Instance;

    private sealed class Channel : ChannelScrubber
    {
        public static Channel Instance { get; } = new();

        public override string Append(string piece) => piece;

        public override string Flush() => "";
    }
}
