using System.Text;

namespace Muniment.Gateway.Llm.Streaming;

/// <summary>Arguments of a tool that are held back until they are whole, so that they stay valid JSON whatever is replaced in them.</summary>
internal sealed class HeldText
{
    /// <summary>Index of the choice or block.</summary>
    public long Owner { get; init; }

    /// <summary>Index of the tool call.</summary>
    public long Index { get; init; }

    /// <summary>Member that carries the fragments, such as <c>arguments</c>.</summary>
    public string Member { get; init; } = "";

    /// <summary>What came so far.</summary>
    public StringBuilder Text { get; } = new();
}
