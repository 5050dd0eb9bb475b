namespace Muniment.Events.Canonical.Fields;

/// <summary>What values a field can hold.</summary>
public enum FieldType : byte
{
    /// <summary>Text.</summary>
    Text,
    /// <summary>One of a closed set of words.</summary>
    Word,
    /// <summary>A word with an order, such as <c>risk</c>.</summary>
    Level,
    /// <summary>64-bit integer.</summary>
    Integer,
    /// <summary>Number.</summary>
    Number,
    /// <summary>Truth value.</summary>
    Boolean,
    /// <summary>RFC 3339 text.</summary>
    Time,
    /// <summary>Anything: members of <c>details</c> and <c>decision</c>.</summary>
    Any,
}

/// <summary>One field of the canonical event by its dotted contract name. Resolve once, read often.</summary>
/// <param name="Name">Such as <c>model.requested</c> or <c>details.attributes.http.url</c>.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Read">Gives the value in one event.</param>
/// <param name="Words">The closed set, lowest first for levels; null for others.</param>
/// <param name="Term">The index field with the same values, when there is one.</param>
public sealed record EventField(string Name, FieldType Type, Func<CanonicalEvent, FieldValue> Read, Vocabulary? Words = null, TermField? Term = null)
{
    /// <summary>Whether roles that may not see prompts, commands and tool text may not name it.</summary>
    public bool IsSensitive => SensitiveFields.IsSensitive(Name);
}
