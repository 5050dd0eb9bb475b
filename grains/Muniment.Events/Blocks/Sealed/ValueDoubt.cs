namespace Muniment.Events.Blocks.Sealed;

/// <summary>
/// Values of a column that leave their log record to the long way of reading: a time of its own that is not believed, a number that is none, ids that are none. Walks over the values in their order.
/// </summary>
internal sealed class ValueDoubt(int number, ValueClass what, Column column, long latestNs)
{
    private const int TraceIdSizeBytes = 16;
    private const int SpanIdSizeBytes = 8;

    private int _next;
    private int _offset;

    /// <summary>The column's number.</summary>
    public int Number => number;

    /// <summary>Whether there is one at all.</summary>
    public bool IsAny()
    {
        if (what is ValueClass.Time or ValueClass.Real)
        {
            foreach (long value in column.Numbers.Span)
            {
                if (IsDoubtful(value))
                {
                    return true;
                }
            }
        }
        else if (what is ValueClass.TraceId or ValueClass.SpanId)
        {
            ReadOnlySpan<byte> content = column.Content.Span;
            foreach (long length in column.Lengths.Span)
            {
                if (IsDoubtful(content[..(int)length]))
                {
                    return true;
                }

                content = content[(int)length..];
            }
        }

        return false;
    }

    /// <summary>Whether the next value is one.</summary>
    public bool Next()
    {
        int at = _next++;
        if (!column.IsBytes)
        {
            return IsDoubtful(column.Numbers.Span[at]);
        }

        if (!column.IsPlain)
        {
            return IsDoubtful(column.Entry((int)column.Indices.Span[at]));
        }

        int length = (int)column.Lengths.Span[at];
        _offset += length;
        return IsDoubtful(column.Content.Span.Slice(_offset - length, length));
    }

    private bool IsDoubtful(long value) => what == ValueClass.Time ? value is <= 0 or long.MaxValue || value > latestNs : !double.IsFinite(BitConverter.Int64BitsToDouble(value));

    private bool IsDoubtful(ReadOnlySpan<byte> id) => id.Length != (what == ValueClass.TraceId ? TraceIdSizeBytes : SpanIdSizeBytes) || !id.ContainsAnyExcept((byte)0);
}
