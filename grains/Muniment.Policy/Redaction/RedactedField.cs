namespace Muniment.Policy.Redaction;

/// <summary>What was replaced in one string of a JSON document.</summary>
/// <param name="Pointer">Where: a JSON pointer (RFC 6901). Its names are redacted like values.</param>
/// <param name="Type">What, e.g. <c>EMAIL</c>.</param>
/// <param name="Count">How often.</param>
public readonly record struct RedactedField(string Pointer, string Type, int Count)
{
    /// <summary>Most that are told of one document; the counts tell all.</summary>
    public const int MaxCount = 64;
}
