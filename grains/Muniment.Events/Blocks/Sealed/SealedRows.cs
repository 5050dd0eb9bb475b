using System.Buffers;

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

    /// <summary>Only the events that may have a needle; the values of the others are passed over.</summary>
    public static List<StoredEvent> Write(SealedHeader header, Dictionary<int, DecodedColumn> columns, ShapeProgram[] programs, int recordBytes, RowNeedles needles)
    {
        DecodedColumn shapes = columns[SealedColumnId.Shape], received = columns[SealedColumnId.Received], kinds = columns[SealedColumnId.Kind];
        DecodedColumn envelope = columns[SealedColumnId.Envelope], resource = columns[SealedColumnId.Resource], scope = columns[SealedColumnId.Scope];
        DecodedColumn envelopes = Table(columns, SealedColumnId.Envelopes), resources = Table(columns, SealedColumnId.Resources), scopes = Table(columns, SealedColumnId.Scopes);
        bool[] envelopeHas = Have(envelopes, needles.MayBeInEnvelope), resourceHas = Have(resources, needles.IsIn), scopeHas = Have(scopes, needles.IsIn);
        foreach ((int id, DecodedColumn column) in columns)
        {
            if (id >= SealedColumnId.FirstOfTree)
            {
                column.Look(needles);
            }
        }

        bool?[] fixedHas = new bool?[2 * programs.Length];
        var events = new List<StoredEvent>();
        byte[] room = ArrayPool<byte>.Shared.Rent(recordBytes);
        try
        {
            for (int i = header.Count - 1; i >= 0; i--)
            {
                int shape = (int)shapes.TakeNumber();
                var kind = (EntryKind)kinds.TakeNumber();
                long receivedNs = received.TakeNumber();
                int ofEnvelope = (int)envelope.TakeNumber(), ofResource = (int)resource.TakeNumber(), ofScope = (int)scope.TakeNumber();
                bool escapes = kind == EntryKind.Event;
                ShapeProgram program = programs[shape];
                bool found = program.Skip(escapes) || (fixedHas[(2 * shape) + (escapes ? 1 : 0)] ??= program.IsFixedMatch(needles, escapes));
                if (!(found || (needles.IsBinary ? !(kind is EntryKind.Log or EntryKind.Span) : envelopeHas[ofEnvelope] || resourceHas[ofResource] || scopeHas[ofScope])))
                {
                    continue;
                }

                program.Return();
                int at = program.Write(room.AsSpan(0, recordBytes), recordBytes);
                events.Add(new StoredEvent(
                    header.FirstSeq + i, receivedNs, kind, envelopes.Entry(ofEnvelope), resources.Entry(ofResource), scopes.Entry(ofScope), room.AsSpan(at, recordBytes - at).ToArray()));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }

        events.Reverse();
        return columns.All(c => c.Value.IsUsedUp) ? events : throw new ArgumentException("some values are left over");
    }

    private delegate bool Test(ReadOnlySpan<byte> part);

    private static bool[] Have(DecodedColumn table, Test test)
    {
        bool[] have = new bool[table.Entries];
        for (int i = 0; i < have.Length; i++)
        {
            have[i] = test(table.Entry(i).Span);
        }

        return have;
    }

    // Entries of a table are looked up, not taken one by one.
    private static DecodedColumn Table(Dictionary<int, DecodedColumn> columns, int id)
    {
        DecodedColumn table = columns[id];
        table.UseAsTable();
        return table;
    }
}
