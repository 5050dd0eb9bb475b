namespace Muniment.Events.Blocks.Sealed;

/// <summary>Puts all rows together again.</summary>
internal static class SealedRows
{
    /// <summary>All events; every value of every column must be used.</summary>
    /// <param name="table">Read whole.</param>
    /// <param name="records">Room for <see cref="SealedTable.RecordBytes"/>, to which the events point.</param>
    /// <param name="events">Room for all of them.</param>
    public static void Write(SealedTable table, Memory<byte> records, Span<StoredEvent> events)
    {
        Span<byte> bytes = records.Span;
        int at = records.Length;
        for (int i = events.Length - 1; i >= 0; i--)
        {
            int end = at;
            at = table.Programs[table.Shapes.TakeNumber()].Write(bytes, end);
            events[i] = new StoredEvent(
                table.Header.FirstSeq + i,
                table.Received.TakeNumber(),
                (EntryKind)table.Kinds.TakeNumber(),
                table.Envelopes[table.Envelope.TakeNumber()],
                table.Resources[table.Resource.TakeNumber()],
                table.Scopes[table.Scope.TakeNumber()],
                records[at..end]);
        }

        if (at != 0 || table.Columns.Any(c => c.Value.Position != 0))
        {
            throw new ArgumentException($"{at} bytes of records or some values are left over");
        }
    }
}
