namespace Muniment.Events.Blocks.Sealed;

/// <summary>
/// A column of byte strings in a frame: <c>u8 form</c>. For decimal and time: <c>u8 scale ‖ number stream</c>. Else <c>u8 layout</c>; 0 plain: <c>stream of lengths ‖ bytes</c>;
/// 1 dictionary: <c>varint distinct ‖ stream of lengths ‖ bytes ‖ stream of indices</c>, entries in the order of first use.
/// </summary>
internal static class TextCodec
{
    private const byte Plain = 0;
    private const byte Dictionary = 1;
    private const long UuidSizeBytes = 16;

    public static void Write(GrowingBuffer target, in PlannedColumn plan, List<ReadOnlyMemory<long>> streams, Scratch scratch)
    {
        target.WriteByte((byte)plan.Form);
        if (plan.Form is TextForm.Decimal or TextForm.Time)
        {
            target.WriteByte((byte)plan.Scale);
            NumberCodec.Write(target, plan.Lengths, streams, scratch);
            return;
        }

        target.WriteByte(plan.HasIndices ? Dictionary : Plain);
        if (plan.HasIndices)
        {
            target.WriteVarint((ulong)plan.Lengths.Length);
        }

        NumberCodec.Write(target, plan.Lengths, streams, scratch);
        target.Write(plan.Content.Span);
        if (plan.HasIndices)
        {
            NumberCodec.Write(target, plan.Indices, streams, scratch);
        }
    }

    public static DecodedColumn Read(ref FrameReader reader, int count, List<long[]> streams)
    {
        var form = (TextForm)reader.ReadByte();
        if (form is TextForm.Decimal or TextForm.Time)
        {
            int scale = reader.ReadByte();
            return scale <= 18 ? DecodedColumn.OfFormatted(form, scale, NumberCodec.Read(ref reader, count, streams)) : throw reader.Fail($"a scale of {scale}");
        }

        if (form > TextForm.Time)
        {
            throw reader.Fail($"text form {(byte)form} is unknown");
        }

        byte layout = reader.ReadByte();
        int entries = layout switch
        {
            Plain => count,
            Dictionary => reader.ReadCount(),
            _ => throw reader.Fail($"text layout {layout} is unknown"),
        };
        long[] lengths = NumberCodec.Read(ref reader, entries, streams);
        long total = CheckLengths(lengths, ref reader);
        if (form == TextForm.Uuid && lengths.AsSpan().ContainsAnyExcept(UuidSizeBytes))
        {
            throw reader.Fail($"a UUID that is not {UuidSizeBytes} bytes");
        }

        DecodedColumn column = DecodedColumn.OfTexts(form, reader.ReadMemory((int)total), lengths, reader.Rentals);
        if (layout == Dictionary)
        {
            column.Spread(NumberCodec.Read(ref reader, count, streams));
        }

        return column;
    }

    /// <summary>The sum of lengths, each and all of which must be possible.</summary>
    public static long CheckLengths(ReadOnlySpan<long> lengths, ref FrameReader reader)
    {
        long total = 0;
        foreach (long length in lengths)
        {
            total += length is >= 0 and <= SealedHeader.MaxRawLength ? length : throw reader.Fail($"a length of {length}");
        }

        return total <= SealedHeader.MaxRawLength ? total : throw reader.Fail($"{total} bytes in one column");
    }
}
