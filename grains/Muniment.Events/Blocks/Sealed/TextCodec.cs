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

    /// <summary>What a column looks like, which decides its frame.</summary>
    public static PlannedColumn Plan(Column column)
    {
        ReadOnlySpan<byte> content = column.Content.Written;
        ReadOnlySpan<long> lengths = column.Numbers;
        TextForm form = lengths.IsEmpty ? TextForm.Plain : TextForms.Guess(content[..(int)lengths[0]]);
        var plan = new PlannedColumn();
        if (form == TextForm.Decimal && TryDecimals(content, lengths, plan))
        {
            return plan;
        }

        if (form == TextForm.Time && TryTimes(content, lengths, plan))
        {
            return plan;
        }

        if (!(form is TextForm.Uuid or TextForm.Hex or TextForm.Decimal && TryPack(content, lengths, form == TextForm.Uuid, plan)))
        {
            plan.Form = TextForm.Plain;
            plan.Content = column.Content.WrittenMemory;
            plan.Lengths = lengths.ToArray();
        }

        FindRepeats(plan);
        return plan;
    }

    public static void Write(GrowingBuffer target, PlannedColumn plan, List<long[]> streams)
    {
        target.WriteByte((byte)plan.Form);
        if (plan.Form is TextForm.Decimal or TextForm.Time)
        {
            target.WriteByte((byte)plan.Scale);
            NumberCodec.Write(target, plan.Lengths, streams);
            return;
        }

        target.WriteByte(plan.Indices is null ? Plain : Dictionary);
        if (plan.Indices is not null)
        {
            target.WriteVarint((ulong)plan.Lengths.Length);
        }

        NumberCodec.Write(target, plan.Lengths, streams);
        target.Write(plan.Content.Span);
        if (plan.Indices is not null)
        {
            NumberCodec.Write(target, plan.Indices, streams);
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

    private static bool TryDecimals(ReadOnlySpan<byte> content, ReadOnlySpan<long> lengths, PlannedColumn plan)
    {
        long[] digits = new long[lengths.Length];
        byte[] scales = new byte[lengths.Length];
        int at = 0, most = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            if (!TextForms.TryDecimal(content.Slice(at, (int)lengths[i]), out digits[i], out int scale))
            {
                return false;
            }

            scales[i] = (byte)scale;
            most = Math.Max(most, scale);
            at += (int)lengths[i];
        }

        for (int i = 0; i < digits.Length; i++)
        {
            long power = (long)TextForms.Power(most - scales[i]);
            if (Math.Abs(digits[i]) > 100_000_000_000_000_000 / power)
            {
                return false;
            }

            digits[i] *= power;
        }

        (plan.Form, plan.Scale, plan.Lengths) = (TextForm.Decimal, most, digits);
        return true;
    }

    private static bool TryTimes(ReadOnlySpan<byte> content, ReadOnlySpan<long> lengths, PlannedColumn plan)
    {
        long[] values = new long[lengths.Length];
        int at = 0, same = -1;
        for (int i = 0; i < lengths.Length; i++)
        {
            if (!TextForms.TryTime(content.Slice(at, (int)lengths[i]), out values[i], out int scale) || (same >= 0 && scale != same))
            {
                return false;
            }

            same = scale;
            at += (int)lengths[i];
        }

        (plan.Form, plan.Scale, plan.Lengths) = (TextForm.Time, same, values);
        return true;
    }

    private static bool TryPack(ReadOnlySpan<byte> content, ReadOnlySpan<long> lengths, bool uuid, PlannedColumn plan)
    {
        byte[] packed = new byte[(content.Length / 2) + 16];
        long[] packedLengths = new long[lengths.Length];
        int at = 0, to = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            ReadOnlySpan<byte> text = content.Slice(at, (int)lengths[i]);
            if (!(uuid ? TextForms.TryUuid(text, packed.AsSpan(to)) : TextForms.TryHex(text, packed.AsSpan(to))))
            {
                return false;
            }

            packedLengths[i] = uuid ? 16 : text.Length / 2;
            to += (int)packedLengths[i];
            at += text.Length;
        }

        (plan.Form, plan.Content, plan.Lengths) = (uuid ? TextForm.Uuid : TextForm.Hex, packed.AsMemory(0, to), packedLengths);
        return true;
    }

    private static void FindRepeats(PlannedColumn plan)
    {
        ReadOnlySpan<byte> content = plan.Content.Span;
        long[] lengths = plan.Lengths;
        var known = new Dictionary<ulong, int>();
        var starts = new List<int>();
        long[] indices = new long[lengths.Length];
        int at = 0, distinctBytes = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            ReadOnlySpan<byte> value = content.Slice(at, (int)lengths[i]);
            ulong hash = ValueHash.Of(value);
            if (!(known.TryGetValue(hash, out int index) && value.SequenceEqual(content.Slice(starts[index], (int)lengths[plan.First[index]]))))
            {
                index = starts.Count;
                known[hash] = index;
                starts.Add(at);
                plan.First.Add(i);
                distinctBytes += value.Length;
            }

            indices[i] = index;
            at += value.Length;

            // Mostly different so far: text, not names.
            if (i == 511 && starts.Count > 480)
            {
                return;
            }
        }

        if (distinctBytes + starts.Count + (2L * lengths.Length) >= content.Length + lengths.Length)
        {
            return;
        }

        byte[] entries = new byte[distinctBytes];
        long[] entryLengths = new long[starts.Count];
        int to = 0;
        for (int i = 0; i < entryLengths.Length; i++)
        {
            entryLengths[i] = lengths[plan.First[i]];
            content.Slice(starts[i], (int)entryLengths[i]).CopyTo(entries.AsSpan(to));
            to += (int)entryLengths[i];
        }

        (plan.Content, plan.Lengths, plan.Indices) = (entries, entryLengths, indices);
    }
}
