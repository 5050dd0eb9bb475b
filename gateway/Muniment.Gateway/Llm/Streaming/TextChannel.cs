using Muniment.Gateway.Llm.Redaction;

namespace Muniment.Gateway.Llm.Streaming;

/// <summary>One text of a stream: a choice's content, a refusal, a block.</summary>
/// <param name="Owner">Index of the choice, output item or block.</param>
/// <param name="Part">Index of the part in it; 0 where there is none.</param>
/// <param name="Name">Member, or type of event, that carries it.</param>
/// <param name="Scrubber">Its scrubber.</param>
internal sealed record TextChannel(long Owner, long Part, string Name, ChannelScrubber Scrubber)
{
    /// <summary>Id of the item, where frames name it.</summary>
    public byte[] Item { get; set; } = [];
}
