namespace Muniment.Policy.Predicates;

/// <summary>Why a predicate was refused.</summary>
/// <param name="Path">Where, e.g. <c>where.model.requested|startwith</c>.</param>
/// <param name="Line">Line from 1, or 0 when not known.</param>
/// <param name="Message">What is wrong and what was expected.</param>
public sealed record PredicateError(string Path, int Line, string Message)
{
    /// <summary>Column from 1, or 0 when not known.</summary>
    public int Column { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Line > 0 ? $"{Path} (line {Line}): {Message}" : $"{Path}: {Message}";
}
