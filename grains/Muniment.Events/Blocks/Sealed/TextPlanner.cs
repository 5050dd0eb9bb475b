namespace Muniment.Events.Blocks.Sealed;

/// <summary>Decides how a column of byte strings is stored. Each different value is looked at once; arrays come from the encoder's scratch.</summary>
internal static class TextPlanner
{
    private const int UuidLength = 36;
    private const int PackedUuidLength = 16;
    private const int PackRoom = 16;

    /// <summary>What a column looks like, which decides its frame. Valid as long as the column and the scratch are left alone.</summary>
    public static PlannedColumn Plan(Column column, Scratch scratch)
    {
        ReadOnlySpan<byte> content = column.Content.Span;
        ReadOnlySpan<long> lengths = column.Lengths.Span;
        TextForm form = lengths.IsEmpty ? TextForm.Plain : TextForms.Guess(content[..(int)lengths[0]]);
        if (form is TextForm.Decimal or TextForm.Time)
        {
            Span<long> numbers = scratch.Numbers.Take(lengths.Length).Span;
            if (form == TextForm.Decimal ? TryDecimals(content, lengths, numbers, scratch, out int scale) : TryTimes(content, lengths, numbers, out scale))
            {
                return new PlannedColumn { Form = form, Scale = scale, Lengths = OfValues(column, numbers, scratch) };
            }
        }

        Memory<byte> packed = default;
        Memory<long> packedLengths = default;
        if (form is TextForm.Uuid or TextForm.Hex or TextForm.Decimal)
        {
            packed = scratch.Bytes.Take((content.Length / 2) + PackRoom);
            packedLengths = scratch.Numbers.Take(lengths.Length);
        }

        // What begins with a decimal number may be hex.
        if (!packed.IsEmpty && TryPack(content, lengths, form == TextForm.Uuid, packed.Span, packedLengths.Span, out int size))
        {
            long total = form == TextForm.Uuid ? column.TotalBytes / UuidLength * PackedUuidLength : column.TotalBytes / 2;
            return Arrange(column, form == TextForm.Uuid ? TextForm.Uuid : TextForm.Hex, packed[..size], packedLengths, total, scratch);
        }

        return Arrange(column, TextForm.Plain, column.Content, column.Lengths, column.TotalBytes, scratch);
    }

    // As a dictionary if that is smaller, else all values one after the other.
    private static PlannedColumn Arrange(Column column, TextForm form, ReadOnlyMemory<byte> content, ReadOnlyMemory<long> lengths, long total, Scratch scratch)
    {
        var plan = new PlannedColumn { Form = form, Content = content, Lengths = lengths };
        if (column.IsPlain)
        {
            return plan;
        }

        if (content.Length + column.Entries + (2L * column.Count) < total + column.Count)
        {
            return plan with { HasIndices = true, Indices = column.Indices };
        }

        if (column.Entries == column.Count)
        {
            return plan;
        }

        ReadOnlySpan<long> entryLengths = lengths.Span;
        Span<int> starts = entryLengths.Length <= 1024 ? stackalloc int[entryLengths.Length] : new int[entryLengths.Length];
        int at = 0;
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = at;
            at += (int)entryLengths[i];
        }

        Memory<byte> all = scratch.Bytes.Take(checked((int)total));
        Memory<long> allLengths = scratch.Numbers.Take(column.Count);
        Span<byte> target = all.Span;
        Span<long> targetLengths = allLengths.Span;
        ReadOnlySpan<long> indices = column.Indices.Span;
        for (int i = 0; i < indices.Length; i++)
        {
            int entry = (int)indices[i];
            targetLengths[i] = entryLengths[entry];
            content.Span.Slice(starts[entry], (int)entryLengths[entry]).CopyTo(target);
            target = target[(int)entryLengths[entry]..];
        }

        return plan with { Content = all, Lengths = allLengths };
    }

    // A number for each value instead of each entry.
    private static ReadOnlyMemory<long> OfValues(Column column, ReadOnlySpan<long> entries, Scratch scratch)
    {
        Memory<long> values = scratch.Numbers.Take(column.Count);
        if (column.IsPlain)
        {
            entries.CopyTo(values.Span);
            return values;
        }

        Span<long> target = values.Span;
        ReadOnlySpan<long> indices = column.Indices.Span;
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = entries[(int)indices[i]];
        }

        return values;
    }

    private static bool TryDecimals(ReadOnlySpan<byte> content, ReadOnlySpan<long> lengths, Span<long> digits, Scratch scratch, out int most)
    {
        Span<byte> scales = scratch.Bytes.Take(lengths.Length).Span;
        most = 0;
        int at = 0;
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

        return true;
    }

    private static bool TryTimes(ReadOnlySpan<byte> content, ReadOnlySpan<long> lengths, Span<long> values, out int same)
    {
        int at = 0;
        same = -1;
        for (int i = 0; i < lengths.Length; i++)
        {
            if (!TextForms.TryTime(content.Slice(at, (int)lengths[i]), out values[i], out int scale) || (same >= 0 && scale != same))
            {
                return false;
            }

            same = scale;
            at += (int)lengths[i];
        }

        return true;
    }

    private static bool TryPack(ReadOnlySpan<byte> content, ReadOnlySpan<long> lengths, bool uuid, Span<byte> packed, Span<long> packedLengths, out int size)
    {
        int at = 0;
        size = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            ReadOnlySpan<byte> text = content.Slice(at, (int)lengths[i]);
            if (!(uuid ? TextForms.TryUuid(text, packed[size..]) : TextForms.TryHex(text, packed[size..])))
            {
                return false;
            }

            packedLengths[i] = uuid ? PackedUuidLength : text.Length / 2;
            size += (int)packedLengths[i];
            at += text.Length;
        }

        return true;
    }
}
