namespace Muniment.Policy.Documents;

/// <summary>What is wrong with a policy document.</summary>
/// <param name="Line">Line from 1, or 0 when not known.</param>
/// <param name="Column">Column from 1, or 0 when not known.</param>
/// <param name="Field">Which field, such as <c>rules[0].when.model.requested|startwith</c>; empty for the whole document.</param>
/// <param name="Message">What is wrong and what was expected.</param>
public sealed record PolicyError(int Line, int Column, string Field, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"line {Line}, column {Column}{(Field.Length > 0 ? ", " + Field : "")}: {Message}";
}
