using System.Buffers;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>Finds the entries of a column that may have a needle.</summary>
internal static class NeedleSearch
{
    /// <summary>Marks for each entry; null when none may have one.</summary>
    /// <param name="column">Of texts or of numbers.</param>
    /// <param name="needles">What to look for.</param>
    /// <param name="isWhole">Whether a needle can only be the whole of a value here.</param>
    public static bool[]? Find(DecodedColumn column, RowNeedles needles, bool isWhole)
    {
        bool[]? marks = null;
        if (column.IsText && !IsFormatted(column))
        {
            for (int i = 0; i < needles.AnyOf.Length; i++)
            {
                Find(column, needles, i, isWhole, ref marks);
            }
        }

        return marks;
    }

    /// <summary>Marks for each entry that has these bytes in it; null when none has.</summary>
    public static bool[]? FindPlain(DecodedColumn column, byte[] bytes)
    {
        bool[]? marks = null;
        if (column.IsText && column.Form == TextForm.Plain && column.Bytes.Any.HasAll(ByteSet.Of(bytes)))
        {
            Scan(column, content => content.IndexOf(bytes), bytes.Length, ref marks);
        }

        return marks;
    }

    // Decimal numbers and times have no character that a needle has which is not a number itself.
    private static bool IsFormatted(DecodedColumn column) => column.Form is TextForm.Decimal or TextForm.Time;

    private static void Find(DecodedColumn column, RowNeedles needles, int which, bool isWhole, ref bool[]? marks)
    {
        byte[] needle = needles.AnyOf[which];
        switch (column.Form)
        {
            case TextForm.Hex or TextForm.Uuid when isWhole:
                byte[] packed = new byte[Math.Max(16, needle.Length)];
                if (column.Form == TextForm.Uuid ? TextForms.TryUuid(needle, packed) : TextForms.TryHex(needle, packed))
                {
                    FindWhole(column, packed.AsSpan(0, column.Form == TextForm.Uuid ? 16 : needle.Length / 2), ref marks);
                }

                break;
            case TextForm.Hex or TextForm.Uuid:
                if (needle.AsSpan().IndexOfAnyExcept("0123456789abcdef-"u8) < 0)
                {
                    FindWritten(column, needle, ref marks);
                }

                break;
            case TextForm.Plain when isWhole:
                ByteSet has = ByteSet.Of(needle);
                if (column.Bytes.Any.HasAll(has) && has.HasAll(column.Bytes.Every))
                {
                    FindWhole(column, needle, ref marks);
                }

                break;
            case TextForm.Plain when needles.Form == NeedleForm.Folded || column.Bytes.Any.HasAll(ByteSet.Of(needle)):
                Scan(column, content => needles.IndexIn(content, which), needle.Length, ref marks);
                break;
            default:
                break;
        }
    }

    private static void FindWhole(DecodedColumn column, ReadOnlySpan<byte> stored, ref bool[]? marks)
    {
        byte[]? room = null;
        ReadOnlySpan<long> lengths = column.Numbers;
        for (int entry = 0; entry < lengths.Length; entry++)
        {
            if (lengths[entry] != stored.Length)
            {
                continue;
            }

            ReadOnlySpan<byte> value;
            if (column.IsInPieces)
            {
                room ??= new byte[stored.Length];
                column.CopyStored(entry, room);
                value = room;
            }
            else
            {
                value = column.Stored(entry);
            }

            if (value.SequenceEqual(stored))
            {
                (marks ??= new bool[lengths.Length])[entry] = true;
            }
        }
    }

    private static void FindWritten(DecodedColumn column, byte[] needle, ref bool[]? marks)
    {
        for (int entry = 0; entry < column.Entries; entry++)
        {
            if (column.Text(entry).Span.IndexOf(needle) >= 0)
            {
                (marks ??= new bool[column.Entries])[entry] = true;
            }
        }
    }

    private delegate int IndexIn(ReadOnlySpan<byte> content);

    // One search over all texts together; a find that lies across two of them is none.
    private static void Scan(DecodedColumn column, IndexIn indexIn, int length, ref bool[]? marks)
    {
        byte[] content = ArrayPool<byte>.Shared.Rent(column.StoredLength);
        try
        {
            Span<byte> all = content.AsSpan(0, column.StoredLength);
            if (column.Entries > 0)
            {
                column.CopyStored(0, all);
            }

            int at = 0;
            while (at < all.Length && indexIn(all[at..]) is >= 0 and int found)
            {
                at += found;
                int entry = column.EntryOfByte(at);
                int end = column.StartOf(entry) + (int)column.Numbers[entry];
                if (at + length > end)
                {
                    at++;
                    continue;
                }

                (marks ??= new bool[column.Entries])[entry] = true;
                at = end;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(content);
        }
    }
}
