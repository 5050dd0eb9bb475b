using System.Collections.Immutable;

namespace Muniment.Events.Blocks;

/// <summary>
/// Bytes of which one must stand in an event for it to be of interest. A block read with needles gives only events that may have one, so that a look-up does not put together
/// thousands of events to find a few. An event whose JSON may say a needle otherwise, with escapes, is always given.
/// </summary>
public sealed class RowNeedles
{
    private const string DigitsAndMarks = "0123456789-.:TZ";

    private readonly FoldedText[] _folded;

    /// <param name="anyOf">What to look for; at least one, none of them empty. <see cref="NeedleForm.Folded"/>: lower-case ASCII letters and digits, at least one letter from g to z.</param>
    /// <param name="form">How they stand in an event.</param>
    public RowNeedles(ImmutableArray<byte[]> anyOf, NeedleForm form)
    {
        if (anyOf.IsDefaultOrEmpty || anyOf.Any(n => n.Length == 0))
        {
            throw new ArgumentException("at least one needle expected, and none empty", nameof(anyOf));
        }

        AnyOf = anyOf;
        Form = form;
        MayBeNumber = form != NeedleForm.Binary && anyOf.Any(n => n.All(c => DigitsAndMarks.Contains((char)c, StringComparison.OrdinalIgnoreCase)));
        EscapeMark = form is NeedleForm.Folded || anyOf.All(n => n.All(c => c is > 0x1f and not ((byte)'"' or (byte)'\\' or (byte)'/'))) ? "\\u"u8.ToArray() : "\\"u8.ToArray();
        _folded = form == NeedleForm.Folded ? [.. anyOf.Select(n => new FoldedText(n))] : [];
    }

    /// <summary>What to look for.</summary>
    public ImmutableArray<byte[]> AnyOf { get; }

    /// <summary>How they stand in an event.</summary>
    public NeedleForm Form { get; }

    /// <summary>Whether one may be the writing of a number or a time.</summary>
    internal bool MayBeNumber { get; }

    /// <summary>JSON text without these bytes says the needles as they are (RFC 8259, section 7: only quote, backslash, slash and control characters have short escapes).</summary>
    internal byte[] EscapeMark { get; }

    /// <summary>Whether an event may have one.</summary>
    public bool MayBeIn(in StoredEvent stored)
    {
        ReadOnlySpan<byte> record = stored.Record.Span;
        if (Form == NeedleForm.Binary)
        {
            return !(stored.Kind is EntryKind.Log or EntryKind.Span) || IsIn(record);
        }

        return IsIn(record) || IsIn(stored.Resource.Span) || IsIn(stored.Scope.Span) || MayBeInEnvelope(stored.Envelope.Span)
            || (stored.Kind == EntryKind.Event && record.IndexOf(EscapeMark) >= 0);
    }

    /// <summary>Whether one stands in these bytes.</summary>
    internal bool IsIn(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < AnyOf.Length; i++)
        {
            if (IndexIn(bytes, i) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Where a needle begins first, or -1.</summary>
    internal int IndexIn(ReadOnlySpan<byte> bytes, int needle) => Form == NeedleForm.Folded ? _folded[needle].IndexIn(bytes) : bytes.IndexOf(AnyOf[needle]);

    /// <summary>Whether an envelope, which is JSON, may have one.</summary>
    internal bool MayBeInEnvelope(ReadOnlySpan<byte> envelope) => Form != NeedleForm.Folded && (IsIn(envelope) || envelope.Contains((byte)'\\'));
}
