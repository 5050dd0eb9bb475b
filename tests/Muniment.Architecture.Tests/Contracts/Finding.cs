namespace Muniment.Architecture.Tests.Contracts;

/// <summary>One place that breaks one rule.</summary>
/// <param name="Rule">Name of the rule.</param>
/// <param name="Where">The type.</param>
/// <param name="What">For people.</param>
internal sealed record Finding(string Rule, Type Where, string What)
{
    public override string ToString() => $"{Rule}: {Where.FullName}: {What}";
}
