using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Terms;

namespace Muniment.Gateway.Query.Filters;

/// <summary>One filter parameter: an indexed field and the values of which one must be there, compared exactly.</summary>
public sealed class FieldCondition
{
    private readonly FilterName name;
    private readonly ImmutableArray<string> values;
    private readonly ImmutableArray<byte[]> probes;
    private readonly ImmutableArray<byte[]> traces;

    /// <summary>A condition on the field behind a parameter's name.</summary>
    public FieldCondition(FilterName name, ImmutableArray<string> values)
    {
        this.name = name;
        this.values = values;
        probes = name.IsVerbatim && values.All(IsDistinct) ? [.. values.Select(Encoding.UTF8.GetBytes)] : [];
        traces = name.Term == TermField.Trace ? [.. values.Select(Convert.FromHexString)] : [];
    }

    /// <summary>The parameter.</summary>
    public FilterName Name => name;

    /// <summary>The values.</summary>
    public ImmutableArray<string> Values => values;

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

    /// <summary>
    /// A quick look at the bytes: a value that stands nowhere in them cannot be in the event, unless the record is JSON with escapes. Saves reading thousands
    /// of events of a block to find one.
    /// </summary>
    public bool MayMatch(in StoredEvent stored)
    {
        if (!traces.IsEmpty && stored.Kind is EntryKind.Log or EntryKind.Span)
        {
            return IsAnyIn(traces, stored.Record.Span);
        }

        if (probes.IsEmpty)
        {
            return true;
        }

        if (stored.Kind == EntryKind.Event && stored.Record.Span.Contains((byte)'\\'))
        {
            return true;
        }

        return IsAnyIn(probes, stored.Record.Span) || IsAnyIn(probes, stored.Resource.Span) || IsAnyIn(probes, stored.Scope.Span)
            || IsAnyIn(probes, stored.Envelope.Span) || stored.Envelope.Span.Contains((byte)'\\');
    }

    private static bool IsAnyIn(ImmutableArray<byte[]> probes, ReadOnlySpan<byte> bytes)
    {
        foreach (byte[] probe in probes)
        {
            if (bytes.IndexOf(probe) >= 0)
            {
                return true;
            }
        }

        return false;
    }

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
