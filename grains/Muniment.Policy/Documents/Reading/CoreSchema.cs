using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Muniment.Policy.Predicates;

namespace Muniment.Policy.Documents.Reading;

/// <summary>What a plain YAML scalar is: the core schema of YAML 1.2 (section 10.3.2), without infinities and not-a-number, which stay texts.</summary>
internal static partial class CoreSchema
{
    private const int MaxNumberLength = 64;

    /// <summary>The kind and the value as JSON would write it; numbers that JSON could not write so are rewritten.</summary>
    public static (RuleNodeKind Kind, string Text) Resolve(string value)
    {
        switch (value)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return (RuleNodeKind.Null, "");
            case "true" or "True" or "TRUE":
                return (RuleNodeKind.Boolean, "true");
            case "false" or "False" or "FALSE":
                return (RuleNodeKind.Boolean, "false");
        }

        char first = value[0];
        if (value.Length > MaxNumberLength || !(char.IsAsciiDigit(first) || first is '-' or '+' or '.'))
        {
            return (RuleNodeKind.Text, value);
        }

        if (JsonNumber().IsMatch(value))
        {
            return (RuleNodeKind.Number, value);
        }

        if (Decimal().IsMatch(value))
        {
            return (RuleNodeKind.Number, BigInteger.Parse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));
        }

        if (Hexadecimal().IsMatch(value))
        {
            return (RuleNodeKind.Number, BigInteger.Parse("0" + value[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));
        }

        if (Octal().IsMatch(value))
        {
            return (RuleNodeKind.Number, value[2..].Aggregate(BigInteger.Zero, (sum, digit) => (sum * 8) + (digit - '0')).ToString(CultureInfo.InvariantCulture));
        }

        return Float().IsMatch(value) && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? (RuleNodeKind.Number, number.ToString("R", CultureInfo.InvariantCulture))
            : (RuleNodeKind.Text, value);
    }

    [GeneratedRegex(@"\A-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex JsonNumber();

    [GeneratedRegex(@"\A[-+]?[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Decimal();

    [GeneratedRegex(@"\A0x[0-9a-fA-F]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Hexadecimal();

    [GeneratedRegex(@"\A0o[0-7]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Octal();

    [GeneratedRegex(@"\A[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Float();
}
