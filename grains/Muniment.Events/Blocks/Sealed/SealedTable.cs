using System.Collections.Immutable;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>A sealed block's columns and shapes, from which its rows are put together.</summary>
internal sealed class SealedTable(SealedHeader header, Dictionary<int, DecodedColumn> columns, ShapeProgram[] programs, int recordBytes, ImmutableArray<NonceRange> ranges)
{
    public SealedHeader Header => header;

    public Dictionary<int, DecodedColumn> Columns => columns;

    public ShapeProgram[] Programs => programs;

    /// <summary>Bytes of all records.</summary>
    public int RecordBytes => recordBytes;

    public ImmutableArray<NonceRange> Ranges => ranges;

    /// <summary>Texts that are opened as they are wanted, if there are.</summary>
    public TextPieces? Pieces { get; init; }

    public DecodedColumn Shapes { get; } = OfRows(columns, SealedColumnId.Shape, header);

    public DecodedColumn Received { get; } = OfRows(columns, SealedColumnId.Received, header);

    public DecodedColumn Kinds { get; } = OfRows(columns, SealedColumnId.Kind, header);

    public DecodedColumn Envelope { get; } = OfRows(columns, SealedColumnId.Envelope, header);

    public DecodedColumn Resource { get; } = OfRows(columns, SealedColumnId.Resource, header);

    public DecodedColumn Scope { get; } = OfRows(columns, SealedColumnId.Scope, header);

    public ReadOnlyMemory<byte>[] Envelopes { get; } = Entries(columns, SealedColumnId.Envelopes);

    public ReadOnlyMemory<byte>[] Resources { get; } = Entries(columns, SealedColumnId.Resources);

    public ReadOnlyMemory<byte>[] Scopes { get; } = Entries(columns, SealedColumnId.Scopes);

    /// <summary>Authenticated bytes that do not decode are a fault of the program that wrote them; these are how such a fault shows.</summary>
    public static bool IsDamage(Exception failure) => failure is ArgumentException or IndexOutOfRangeException or KeyNotFoundException or OverflowException;

    /// <summary>What is told then.</summary>
    public static JournalCorruptException Damage(long firstSeq, Exception failure) =>
        new(JournalFault.Content, firstSeq, 0, $"the sealed block does not decode: {failure.Message}");

    private static DecodedColumn OfRows(Dictionary<int, DecodedColumn> columns, int id, SealedHeader header) =>
        columns[id].Count == header.Count ? columns[id] : throw new ArgumentException($"column {id} has {columns[id].Count} values for {header.Count} events");

    // Entries of these are looked up, not taken one by one.
    private static ReadOnlyMemory<byte>[] Entries(Dictionary<int, DecodedColumn> columns, int id)
    {
        DecodedColumn table = columns[id];
        table.UseAsTable();
        var entries = new ReadOnlyMemory<byte>[table.Count];
        for (int i = 0; i < entries.Length; i++)
        {
            // They outlive the frame that they lie in.
            entries[i] = table.Text(table.EntryAt(i)).ToArray();
        }

        return entries;
    }
}
