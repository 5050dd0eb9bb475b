using Muniment.Gateway.Llm.Json;

namespace Muniment.Gateway.Llm.Texts;

/// <summary>One text of a document and where it stands, so that it can be replaced there.</summary>
/// <param name="Node">Node of the tape.</param>
/// <param name="IsName">Whether the text is the member's name rather than its value.</param>
/// <param name="Role">Who speaks, see <see cref="TextRole"/>.</param>
/// <param name="Text">The decoded text.</param>
/// <param name="Prefix">Where the text lies in base64 or a data URL: what stands before it. Null for a text that stands as it is.</param>
internal readonly record struct TextSite(int Node, bool IsName, TextRole Role, string Text, string? Prefix = null)
{
    /// <summary>Adds an edit that puts another text in its place.</summary>
    public void Replace(JsonTape tape, JsonEdits edits, string text)
    {
        ref readonly JsonNode node = ref tape[Node];
        if (IsName)
        {
            edits.ReplaceWithText(node.NameStart - 1, node.NameStart + node.NameLength + 1, Prefix is null ? text : EncodedText.Write(Prefix, text));
        }
        else
        {
            edits.ReplaceWithText(node.Start, node.End, Prefix is null ? text : EncodedText.Write(Prefix, text));
        }
    }
}
