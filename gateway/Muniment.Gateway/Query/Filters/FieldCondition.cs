using System.Collections.Immutable;
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

    /// <summary>A condition on the field behind a parameter's name.</summary>
    public FieldCondition(FilterName name, ImmutableArray<string> values)
    {
        this.name = name;
        this.values = values;
        probes = name.IsVerbatim && values.All(IsDistinct) ? [.. values.Select(Encoding.UTF8.GetBytes)] : [];
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
        if (probes.IsEmpty)
        {
            return true;
        }

        if (stored.Kind == EntryKind.Event && stored.Record.Span.Contains((byte)'\\'))
        {
            return true;
        }

        foreach (byte[] probe in probes)
        {
            if (stored.Record.Span.IndexOf(probe) >= 0 || stored.Resource.Span.IndexOf(probe) >= 0 || stored.Scope.Span.IndexOf(probe) >= 0 || stored.Envelope.Span.IndexOf(probe) >= 0)
            {
                return true;
            }
        }

        return stored.Envelope.Span.Contains((byte)'\\');
    }

    /// <summary>The terms of which one must be in a block.</summary>
    public ImmutableArray<ulong> Terms(TermHasher hasher)
    {
        TermField field = name.Term;
        return [.. values.SelectMany(name.TermValues).Distinct(StringComparer.Ordinal).Select(v => hasher.Hash(field, Encoding.UTF8.GetBytes(v)))];
    }

    /// <summary>Whether a text cannot be another spelling of a number or truth value, which OTLP keeps in binary; only letters, digits and plain marks.</summary>
    private static bool IsDistinct(string value) =>
        value.Length >= 4 && value is not ("true" or "false" or "null") && value.AsSpan().ContainsAnyInRange('g', 'z')
        && !value.AsSpan().ContainsAnyExceptInRange(' ', '~') && !value.AsSpan().ContainsAny('"', '\\', '/');
}
