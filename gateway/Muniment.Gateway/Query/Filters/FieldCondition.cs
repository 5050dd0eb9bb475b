using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Canonical;
using Muniment.Events.Terms;

namespace Muniment.Gateway.Query.Filters;

/// <summary>One filter parameter: an indexed field and the values of which one must be there, compared exactly.</summary>
public sealed class FieldCondition
{
    private readonly FilterName name;
    private readonly ImmutableArray<string> values;

    /// <summary>A condition on the field behind a parameter's name.</summary>
    public FieldCondition(FilterName name, ImmutableArray<string> values)
    {
        this.name = name;
        this.values = values;
        if (name.Term == TermField.Trace)
        {
            Needles = new RowNeedles([.. values.Select(Convert.FromHexString)], NeedleForm.Binary);
        }
        else if (name.IsVerbatim && values.All(IsDistinct))
        {
            Needles = new RowNeedles([.. values.Select(Encoding.UTF8.GetBytes)], name.IsWhole ? NeedleForm.Whole : NeedleForm.Part);
        }
    }

    /// <summary>The parameter.</summary>
    public FilterName Name => name;

    /// <summary>The values.</summary>
    public ImmutableArray<string> Values => values;

    /// <summary>
    /// The values as they stand in an entry's bytes: one in whose bytes there is none cannot match. Null when that cannot be said. Saves putting together and reading thousands
    /// of events of a block to find one.
    /// </summary>
    public RowNeedles? Needles { get; }

    /// <summary>Whether one of the values is there.</summary>
    public bool Matches(CanonicalEvent e)
    {
        foreach (string value in values)
        {
            if (name.Holds(e, value))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A quick look at the bytes.</summary>
    public bool MayMatch(in StoredEvent stored) => Needles is null || Needles.MayBeIn(stored);

    /// <summary>The terms of which one must be in a block.</summary>
    public ImmutableArray<ulong> Terms(TermHasher hasher)
    {
        TermField field = name.Term;
        return [.. values.SelectMany(name.TermValues).Distinct(StringComparer.Ordinal).Select(v => hasher.Hash(field, Encoding.UTF8.GetBytes(v)))];
    }

    /// <summary>Whether a text stands as text in OTLP too, where numbers and truth values are binary.</summary>
    private static bool IsDistinct(string value) =>
        value.Length >= 4 && value is not ("true" or "false")
        && !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
        && !value.AsSpan().ContainsAnyExceptInRange(' ', '~') && !value.AsSpan().ContainsAny('"', '\\');
}
