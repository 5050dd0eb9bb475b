using System.Net;
using System.Text.RegularExpressions;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Fields;

namespace Muniment.Policy.Predicates.Values;

/// <summary>One value of a selection against one field's value. Of several field values one must match.</summary>
internal abstract class ValueTest
{
    public bool Matches(in FieldValue value)
    {
        if (value.Kind != FieldKind.Many)
        {
            return MatchesOne(value);
        }

        foreach (FieldValue one in value.Many!)
        {
            if (MatchesOne(one))
            {
                return true;
            }
        }

        return false;
    }

    protected abstract bool MatchesOne(in FieldValue value);
}

/// <summary>A text with or without wildcards.</summary>
internal sealed class TextTest(TextPattern pattern) : ValueTest
{
    protected override bool MatchesOne(in FieldValue value) => value.AsText() is { } text && pattern.Matches(text);
}

/// <summary>A number, equal to numbers of any spelling and to texts of the same spelling.</summary>
internal sealed class NumberTest(string written) : ValueTest
{
    private readonly FieldValue wanted = FieldValue.OfNumber(written);

    protected override bool MatchesOne(in FieldValue value)
    {
        if (value.Kind == FieldKind.Integer && wanted.Kind == FieldKind.Integer)
        {
            return value.Integer == wanted.Integer;
        }

        return value.IsNumber ? value.AsNumber.Equals(wanted.AsNumber) : value.Kind == FieldKind.Text && value.Text == written;
    }
}

/// <summary><c>true</c> or <c>false</c>, also spelled as text.</summary>
internal sealed class FlagTest(bool wanted) : ValueTest
{
    protected override bool MatchesOne(in FieldValue value) =>
        value.Kind == FieldKind.Boolean ? value.Flag == wanted
        : value.Kind == FieldKind.Text && string.Equals(value.Text, wanted ? "true" : "false", StringComparison.OrdinalIgnoreCase);
}

/// <summary><c>null</c>: absent or JSON null; an empty text is neither.</summary>
internal sealed class NullTest : ValueTest
{
    protected override bool MatchesOne(in FieldValue value) => value.Kind is FieldKind.Missing or FieldKind.Null;
}

/// <summary><c>|re</c>: somewhere in the text, in time linear in its length.</summary>
internal sealed class RegexTest(Regex regex) : ValueTest
{
    protected override bool MatchesOne(in FieldValue value) => value.AsText() is { } text && regex.IsMatch(text);
}

/// <summary><c>|cidr</c>: IPv4 and IPv6; an IPv4 address mapped into IPv6 counts as the IPv4 address.</summary>
internal sealed class NetworkTest(IPNetwork network) : ValueTest
{
    protected override bool MatchesOne(in FieldValue value)
    {
        if (value.Kind != FieldKind.Text || !IPAddress.TryParse(value.Text, out IPAddress? address))
        {
            return false;
        }

        return network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
    }
}

/// <summary>Which way a comparison goes.</summary>
internal enum Comparison
{
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// <summary><c>|gt |gte |lt |lte</c> on numbers; a text counts when it spells a number.</summary>
internal sealed class NumberComparison(Comparison comparison, FieldValue limit) : ValueTest
{
    protected override bool MatchesOne(in FieldValue value)
    {
        if (value.Kind == FieldKind.Integer && limit.Kind == FieldKind.Integer)
        {
            return Holds(comparison, value.Integer.CompareTo(limit.Integer));
        }

        if (value.IsNumber)
        {
            return Holds(comparison, value.AsNumber.CompareTo(limit.AsNumber));
        }

        return value.Kind == FieldKind.Text
            && double.TryParse(value.Text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out double number)
            && Holds(comparison, number.CompareTo(limit.AsNumber));
    }

    public static bool Holds(Comparison comparison, int order) => comparison switch
    {
        Comparison.Greater => order > 0,
        Comparison.GreaterOrEqual => order >= 0,
        Comparison.Less => order < 0,
        _ => order <= 0,
    };
}

/// <summary>Comparison on times.</summary>
internal sealed class TimeComparison(Comparison comparison, long limitNs) : ValueTest
{
    protected override bool MatchesOne(in FieldValue value) =>
        value.Kind == FieldKind.Text && Timestamps.TryParse(value.Text, out long ns) && NumberComparison.Holds(comparison, ns.CompareTo(limitNs));
}

/// <summary>Comparison on levels such as <c>risk</c>.</summary>
internal sealed class LevelComparison(Comparison comparison, Vocabulary levels, int limit) : ValueTest
{
    protected override bool MatchesOne(in FieldValue value)
    {
        int rank = levels.Rank(value.Text);
        return rank >= 0 && NumberComparison.Holds(comparison, rank.CompareTo(limit));
    }
}
