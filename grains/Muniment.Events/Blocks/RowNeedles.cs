using System.Collections.Immutable;

namespace Muniment.Events.Blocks;

/// <summary>
/// Bytes of which one must stand in an event for it to be of interest. A block decoded with needles gives only events that may have one, so that a look-up does not
/// put together thousands of events to find a few. A needle is the whole or a part of one value of a record, never of several.
/// </summary>
public sealed class RowNeedles
{
    private const string DigitsAndMarks = "0123456789-.:TZ";

    /// <param name="anyOf">What to look for; at least one, none of them empty.</param>
    /// <param name="isBinary">
    /// False for text, which is looked for in all parts of an event; one whose JSON has escapes may say it otherwise and is always kept. True for binary values, which only the
    /// records of logs and spans have; all others are kept.
    /// </param>
    public RowNeedles(ImmutableArray<byte[]> anyOf, bool isBinary)
    {
        if (anyOf.IsDefaultOrEmpty || anyOf.Any(n => n.Length == 0))
        {
            throw new ArgumentException("at least one needle expected, and none empty", nameof(anyOf));
        }

        AnyOf = anyOf;
        IsBinary = isBinary;
        MayBeNumber = anyOf.Any(n => n.All(c => DigitsAndMarks.Contains((char)c, StringComparison.Ordinal)));
    }

    /// <summary>What to look for.</summary>
    public ImmutableArray<byte[]> AnyOf { get; }

    /// <summary>Whether they are binary values of logs and spans.</summary>
    public bool IsBinary { get; }

    /// <summary>Whether one may be the writing of a number or a time.</summary>
    internal bool MayBeNumber { get; }

    /// <summary>Whether an event may have one.</summary>
    public bool MayBeIn(in StoredEvent stored)
    {
        if (IsBinary)
        {
            return !(stored.Kind is EntryKind.Log or EntryKind.Span) || IsIn(stored.Record.Span);
        }

        return IsIn(stored.Record.Span) || IsIn(stored.Resource.Span) || IsIn(stored.Scope.Span) || MayBeInEnvelope(stored.Envelope.Span)
            || (stored.Kind == EntryKind.Event && stored.Record.Span.Contains((byte)'\\'));
    }

    /// <summary>Whether one stands in these bytes.</summary>
    internal bool IsIn(ReadOnlySpan<byte> bytes)
    {
        foreach (byte[] needle in AnyOf)
        {
            if (bytes.IndexOf(needle) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether an envelope, which is JSON, may have one.</summary>
    internal bool MayBeInEnvelope(ReadOnlySpan<byte> envelope) => IsIn(envelope) || envelope.Contains((byte)'\\');
}
