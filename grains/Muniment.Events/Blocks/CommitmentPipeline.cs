using System.Security.Cryptography;
using Muniment.Events.Hashing;

namespace Muniment.Events.Blocks;

/// <summary>
/// Makes commitments, log entries and leaves of many events, some dozens at a time so that <see cref="Sha256Multi"/> can hash them side by side.
/// Owned by one thread at a time; reusable.
/// </summary>
internal sealed class CommitmentPipeline
{
    public const int ChunkEvents = 128;
    private const int ChunkSizeBytes = 192 * 1024;
    private const int LeafInputSizeBytes = LogEntry.SizeBytes + 1;

    private readonly byte[] _messages = new byte[ChunkSizeBytes];
    private readonly int[] _lengths = new int[ChunkEvents];
    private readonly byte[] _commitments = new byte[ChunkEvents * Sha256Multi.DigestSizeBytes];
    private readonly (long ReceivedNs, EntryKind Kind)[] _heads = new (long, EntryKind)[ChunkEvents];
    private readonly byte[] _leafInputs = new byte[ChunkEvents * Sha256Constants.BlockSizeBytes];
    private readonly int[] _leafLengths = new int[ChunkEvents];
    private Memory<byte> _leaves;
    private Memory<byte> _entries;
    private int _count;
    private int _used;

    public CommitmentPipeline() => Array.Fill(_leafLengths, LeafInputSizeBytes);

    /// <summary>Sets where results go: 32 bytes an event, and 43 bytes an event unless <paramref name="entries"/> is empty.</summary>
    public void Begin(Memory<byte> leaves, Memory<byte> entries)
    {
        _leaves = leaves;
        _entries = entries;
        _count = 0;
        _used = 0;
    }

    /// <summary>Takes the next event. Everything is copied.</summary>
    public void Add(
        long receivedNs, EntryKind kind, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> resource, ReadOnlySpan<byte> scope, ReadOnlySpan<byte> record)
    {
        long length = Salts.SizeBytes + ClearPart.Size(kind, envelope.Length, resource.Length, scope.Length, record.Length);
        bool large = length > Sha256Multi.MaxMessageSizeBytes;
        if (large || _count == ChunkEvents || _used + Sha256Multi.PaddedSize((int)length) > ChunkSizeBytes)
        {
            Flush();
        }

        _heads[_count] = (receivedNs, kind);
        if (large)
        {
            ClearPart.Hash(kind, salt, envelope, resource, scope, record, _commitments);
            _count = 1;
            WriteLeaves();
            return;
        }

        Span<byte> message = _messages.AsSpan(_used, Sha256Multi.PaddedSize((int)length));
        salt.CopyTo(message);
        ClearPart.Write(message[Salts.SizeBytes..], kind, envelope, resource, scope, record);
        Sha256Multi.Pad(message, (int)length);
        _lengths[_count++] = (int)length;
        _used += message.Length;
    }

    /// <summary>Writes what is still outstanding.</summary>
    public void Flush()
    {
        if (_count > 0)
        {
            Sha256Multi.HashPadded(_messages.AsSpan(0, _used), _lengths.AsSpan(0, _count), _commitments);
            WriteLeaves();
        }
    }

    /// <summary>Leaves of some events whose messages (salt and part 0) lie in a buffer with <see cref="Sha256Multi.PaddedSize"/> bytes of room each; at most <see cref="ChunkEvents"/>.</summary>
    public void Hash(Span<byte> buffer, ReadOnlySpan<int> starts, ReadOnlySpan<int> lengths, ReadOnlySpan<(long ReceivedNs, EntryKind Kind)> heads, Memory<byte> leaves)
    {
        Begin(leaves, default);
        bool large = false;
        for (int i = 0; i < lengths.Length; i++)
        {
            large |= lengths[i] > Sha256Multi.MaxMessageSizeBytes;
            Sha256Multi.Pad(buffer.Slice(starts[i], Sha256Multi.PaddedSize(lengths[i])), lengths[i]);
        }

        if (large)
        {
            for (int i = 0; i < lengths.Length; i++)
            {
                SHA256.HashData(buffer.Slice(starts[i], lengths[i]), _commitments.AsSpan(i * Sha256Multi.DigestSizeBytes, Sha256Multi.DigestSizeBytes));
            }
        }
        else
        {
            Sha256Multi.HashPadded(buffer, starts, lengths, _commitments);
        }

        heads.CopyTo(_heads);
        _count = lengths.Length;
        WriteLeaves();
    }

    private void WriteLeaves()
    {
        for (int i = 0; i < _count; i++)
        {
            Span<byte> input = _leafInputs.AsSpan(i * Sha256Constants.BlockSizeBytes, Sha256Constants.BlockSizeBytes);
            input[0] = 0;
            LogEntry.Write(input[1..], _heads[i].ReceivedNs, _heads[i].Kind, _commitments.AsSpan(i * Sha256Multi.DigestSizeBytes, Sha256Multi.DigestSizeBytes));
            Sha256Multi.Pad(input, LeafInputSizeBytes);
            if (!_entries.IsEmpty)
            {
                input.Slice(1, LogEntry.SizeBytes).CopyTo(_entries.Span);
                _entries = _entries[LogEntry.SizeBytes..];
            }
        }

        Span<byte> leaves = _leaves.Span[..(_count * Sha256Multi.DigestSizeBytes)];
        Sha256Multi.HashPadded(_leafInputs.AsSpan(0, _count * Sha256Constants.BlockSizeBytes), _leafLengths.AsSpan(0, _count), leaves);
        _leaves = _leaves[leaves.Length..];
        _count = 0;
        _used = 0;
    }
}
