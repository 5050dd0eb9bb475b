namespace Muniment.Events.Blocks.Sealed;

/// <summary>Puts rows together again.</summary>
internal static class SealedRows
{
    /// <summary>All events; every value of every column must be used.</summary>
    public static StoredEvent[] Write(SealedHeader header, Dictionary<int, DecodedColumn> columns, ShapeProgram[] programs, int recordBytes)
    {
        DecodedColumn shapes = columns[SealedColumnId.Shape], received = columns[SealedColumnId.Received], kinds = columns[SealedColumnId.Kind];
        DecodedColumn envelope = columns[SealedColumnId.Envelope], resource = columns[SealedColumnId.Resource], scope = columns[SealedColumnId.Scope];
        DecodedColumn envelopes = Table(columns, SealedColumnId.Envelopes), resources = Table(columns, SealedColumnId.Resources), scopes = Table(columns, SealedColumnId.Scopes);
        var events = new StoredEvent[header.Count];
        byte[] records = new byte[recordBytes];
        int at = recordBytes;
        for (int i = events.Length - 1; i >= 0; i--)
        {
            int end = at;
            at = programs[shapes.TakeNumber()].Write(records, end);
            events[i] = new StoredEvent(
                header.FirstSeq + i,
                received.TakeNumber(),
                (EntryKind)kinds.TakeNumber(),
                envelopes.Entry((int)envelope.TakeNumber()),
                resources.Entry((int)resource.TakeNumber()),
                scopes.Entry((int)scope.TakeNumber()),
                records.AsMemory(at, end - at));
        }

        return at == 0 && columns.All(c => c.Value.IsUsedUp) ? events : throw new ArgumentException($"{at} bytes of records or some values are left over");
    }

    // Entries of a table are looked up, not taken one by one.
    private static DecodedColumn Table(Dictionary<int, DecodedColumn> columns, int id)
    {
        DecodedColumn table = columns[id];
        table.UseAsTable();
        return table;
    }
}
