namespace Muniment.Gateway.Llm.Texts;

/// <summary>One text of a document and where it stands, so that it can be replaced there.</summary>
/// <param name="Node">Node of the tape.</param>
/// <param name="IsName">Whether the text is the member's name rather than its value.</param>
/// <param name="Role">Who speaks, see <see cref="TextRole"/>.</param>
/// <param name="Text">The decoded text.</param>
internal readonly record struct TextSite(int Node, bool IsName, TextRole Role, string Text);
