namespace Muniment.Delivery.Configuration;

/// <summary>One member of a kind's <c>options</c> or <c>credential</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Form">What JSON it is.</param>
/// <param name="Required">Whether it must be there.</param>
/// <param name="Check">Returns null when the text (or each text of a map, with its name; or the JSON text of an object) is good, else what was expected.</param>
public sealed record FieldRule(string Name, FieldForm Form, bool Required = false, Func<string, string, string?>? Check = null)
{
    /// <summary>Longest text of an option or credential.</summary>
    public const int MaxTextLength = 8192;

    /// <summary>Most members of a map.</summary>
    public const int MaxMapSize = 32;
}

/// <summary>Forms of a <see cref="FieldRule"/>.</summary>
public enum FieldForm
{
    /// <summary>A string.</summary>
    Text,
    /// <summary>true or false.</summary>
    Flag,
    /// <summary>A whole number.</summary>
    Number,
    /// <summary>An object of strings.</summary>
    TextMap,
    /// <summary>An object, handed to the check as its JSON text. As a credential it may also be given as a string that holds it.</summary>
    Object,
    /// <summary>A string or a whole number, checked as text.</summary>
    TextOrNumber,
    /// <summary>A string, or a list of strings; each is checked.</summary>
    TextOrList,
}
