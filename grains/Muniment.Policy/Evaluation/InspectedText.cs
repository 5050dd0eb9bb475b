namespace Muniment.Policy.Evaluation;

/// <summary>One text of a request or an answer, decoded: escapes are resolved, so that a rule sees what the model sees.</summary>
/// <param name="Pointer">Where it stands, a JSON pointer such as <c>/messages/0/content</c>.</param>
/// <param name="Role">Whose it is: <c>system|user|assistant|tool|tool_definition|tool_args|reasoning</c>; empty when that says nothing.</param>
/// <param name="Text">The text.</param>
public sealed record InspectedText(string Pointer, string Role, string Text);

/// <summary>A part that could not be inspected.</summary>
/// <param name="Pointer">Where it stands.</param>
/// <param name="Why"><c>image|encrypted|over_limit|unknown_event|server_history</c>.</param>
public sealed record UncoveredPart(string Pointer, string Why);
