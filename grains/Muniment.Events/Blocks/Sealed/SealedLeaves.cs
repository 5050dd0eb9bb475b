using System.Buffers.Binary;
using Muniment.Events.Keys;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>
/// Hashes the leaves of a sealed block: each row is put together in a buffer right behind its salt, and its envelope, resource and scope, which is the message that its commitment covers.
/// Rows are written from the last to the first, because that is how columns are read. Used by one thread at a time.
/// </summary>
internal sealed class SealedLeaves
{
    private const int MaxBufferBytes = 32 * 1024 * 1024;
    private const int KeptBufferBytes = 8 * 1024 * 1024;

    /// <summary>Most bytes of a message's padding.</summary>
    private const int MaxPadding = 72;

    private const int LengthBytes = sizeof(int);
    private const int LeafBytes = 32;
    private const int Chunk = CommitmentPipeline.ChunkEvents;

    private readonly int[] _starts = new int[Chunk];
    private readonly int[] _lengths = new int[Chunk];
    private readonly (long ReceivedNs, EntryKind Kind)[] _heads = new (long, EntryKind)[Chunk];
    private byte[] _buffer = [];

    // Envelope, resource and scope of the row before, as they lie in a message.
    private byte[] _context = [];
    private int _contextLength;
    private (long Envelope, long Resource, long Scope, bool IsEvent) _of;

    /// <summary>Hashes all rows; every value of every column must be used. Returns how many, or 0 when the messages take more room than there may be.</summary>
    public int Hash(SealedTable table, TenantId tenant, ITenantKeyring keyring, LeafHasher hasher, Memory<byte> leaves)
    {
        int count = table.Header.Count;
        long size = MessageBytes(table);
        if (size > MaxBufferBytes)
        {
            return 0;
        }

        if (_buffer.Length < size)
        {
            _buffer = GC.AllocateUninitializedArray<byte>((int)size);
        }

        ReadOnlySpan<byte> salts = hasher.DeriveSalts(count, table.Header.FirstSeq, table.Ranges.AsSpan(), tenant, keyring);
        _of = (-1, -1, -1, false);
        int at = _buffer.Length;
        long recordBytes = 0;
        for (int row = count - 1, filled = Chunk; row >= 0; row--)
        {
            int end = at - MaxPadding;
            at = table.Programs[table.Shapes.TakeNumber()].Write(_buffer, end);
            recordBytes += end - at;
            var kind = (EntryKind)table.Kinds.TakeNumber();
            at -= LengthBytes;
            BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(at), end - at - LengthBytes);
            at = Context(table, kind, at);
            at -= Salts.SizeBytes;
            salts.Slice(row * Salts.SizeBytes, Salts.SizeBytes).CopyTo(_buffer.AsSpan(at));
            filled--;
            (_starts[filled], _lengths[filled], _heads[filled]) = (at, end - at, (table.Received.TakeNumber(), kind));
            if (filled == 0 || row == 0)
            {
                hasher.Pipeline.Hash(_buffer, _starts.AsSpan(filled), _lengths.AsSpan(filled), _heads.AsSpan(filled), leaves.Slice(row * LeafBytes, (Chunk - filled) * LeafBytes));
                filled = Chunk;
            }
        }

        if (_buffer.Length > KeptBufferBytes)
        {
            _buffer = [];
        }

        return recordBytes == table.RecordBytes && table.Columns.All(c => c.Value.Position == 0) ? count : throw new ArgumentException($"{recordBytes} bytes of records, or some values are left over");
    }

    // Room for all messages with salts, lengths and padding.
    private static long MessageBytes(SealedTable table)
    {
        long size = table.RecordBytes;
        for (int row = 0; row < table.Header.Count; row++)
        {
            size += Salts.SizeBytes + (4 * LengthBytes) + MaxPadding + table.Envelopes[table.Envelope.NumberAt(row)].Length + table.Resources[table.Resource.NumberAt(row)].Length
                + table.Scopes[table.Scope.NumberAt(row)].Length;
        }

        return size;
    }

    private int Context(SealedTable table, EntryKind kind, int at)
    {
        bool isEvent = kind == EntryKind.Event;
        (long Envelope, long Resource, long Scope, bool IsEvent) of = (table.Envelope.TakeNumber(), table.Resource.TakeNumber(), table.Scope.TakeNumber(), isEvent);
        if (of != _of)
        {
            _of = of;
            _contextLength = 0;
            Append(table.Envelopes[of.Envelope].Span);
            if (!isEvent)
            {
                Append(table.Resources[of.Resource].Span);
                Append(table.Scopes[of.Scope].Span);
            }
        }

        at -= _contextLength;
        _context.AsSpan(0, _contextLength).CopyTo(_buffer.AsSpan(at));
        return at;
    }

    private void Append(ReadOnlySpan<byte> part)
    {
        if (_context.Length < _contextLength + LengthBytes + part.Length)
        {
            Array.Resize(ref _context, 2 * (_contextLength + LengthBytes + part.Length));
        }

        BinaryPrimitives.WriteInt32BigEndian(_context.AsSpan(_contextLength), part.Length);
        part.CopyTo(_context.AsSpan(_contextLength + LengthBytes));
        _contextLength += LengthBytes + part.Length;
    }
}
