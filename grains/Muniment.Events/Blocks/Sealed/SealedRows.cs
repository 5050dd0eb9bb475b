namespace Muniment.Events.Blocks.Sealed;

/// <summary>Puts all rows together again.</summary>
internal static class SealedRows
{
    /// <summary>All events; every value of every column must be used.</summary>
    public static StoredEvent[] Write(SealedTable table)
    {
        var events = new StoredEvent[table.Header.Count];
        byte[] records = GC.AllocateUninitializedArray<byte>(table.RecordBytes);
        int at = records.Length;
        for (int i = events.Length - 1; i >= 0; i--)
        {
            int end = at;
            at = table.Programs[table.Shapes.TakeNumber()].Write(records, end);
            events[i] = new StoredEvent(
                table.Header.FirstSeq + i,
                table.Received.TakeNumber(),
                (EntryKind)table.Kinds.TakeNumber(),
                table.Envelopes[table.Envelope.TakeNumber()],
                table.Resources[table.Resource.TakeNumber()],
                table.Scopes[table.Scope.TakeNumber()],
                records.AsMemory(at, end - at));
        }

        return at == 0 && table.Columns.All(c => c.Value.Position == 0) ? events : throw new ArgumentException($"{at} bytes of records or some values are left over");
    }
}
