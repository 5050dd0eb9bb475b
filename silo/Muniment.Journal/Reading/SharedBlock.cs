using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Blocks;

namespace Muniment.Journal.Reading;

/// <summary>
/// A decoded block that several read at once. Each has it between <see cref="TryEnter"/> (the one who made it, from the beginning) and <see cref="Leave"/>; when the last one left,
/// the memory is used for other blocks, of other tenants too, so nothing of it may be kept. Who forgets to leave costs memory until the collector comes, no more. Thread-safe.
/// </summary>
internal sealed class SharedBlock
{
    /// <summary>Bytes that an event takes besides its record, leaf included.</summary>
    private const int EventBytes = 128;

    private readonly BlockBuffers _buffers;
    private readonly Lock _lock = new();
    private byte[]? _leaves;
    private int _users = 1;

    /// <summary>A block in buffers, which belong to it from now on.</summary>
    public SharedBlock(long firstSeq, BlockBuffers buffers)
    {
        (FirstSeq, _buffers, Ranges) = (firstSeq, buffers, [.. buffers.Ranges]);
        SizeBytes = SizeOf(buffers.Events);
    }

    /// <summary>Seq of the first event.</summary>
    public long FirstSeq { get; }

    /// <summary>Number of events.</summary>
    public int Count => Events.Length;

    /// <summary>From which segments they came.</summary>
    public ImmutableArray<NonceRange> Ranges { get; }

    /// <summary>Bytes that it takes, about.</summary>
    public long SizeBytes { get; }

    /// <summary>All events, in seq order, dense.</summary>
    public ReadOnlySpan<StoredEvent> Events => _buffers.Events;

    /// <summary>Some of the events as a list.</summary>
    public ArraySegment<StoredEvent> Slice(int start, int count) => _buffers.Slice(start, count);

    /// <summary>One more who reads it; false when the last one has left meanwhile.</summary>
    public bool TryEnter()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    /// <summary>Reads it no more.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _users) != 0)
        {
            return;
        }

        _buffers.Clear();
        if (_leaves is { } leaves)
        {
            _leaves = null;
            LargeArrays.Return(leaves);
        }
    }

    /// <summary>Its leaf hashes, 32 bytes each, made once by whoever asks first.</summary>
    public ReadOnlyMemory<byte> Leaves(Action<SharedBlock, Memory<byte>> make)
    {
        int length = Count * 32;
        lock (_lock)
        {
            if (_leaves is null)
            {
                byte[] leaves = LargeArrays.Rent(length);
                make(this, leaves.AsMemory(0, length));
                _leaves = leaves;
            }

            return _leaves.AsMemory(0, length);
        }
    }

    // Envelopes, resources and scopes lie in the same memory as the records and can be far larger; neighbours mostly share them.
    private static long SizeOf(ReadOnlySpan<StoredEvent> events)
    {
        long bytes = 0;
        StoredEvent before = default;
        foreach (ref readonly StoredEvent stored in events)
        {
            bytes += stored.Record.Length + EventBytes + Own(stored.Envelope, before.Envelope) + Own(stored.Resource, before.Resource) + Own(stored.Scope, before.Scope);
            before = stored;
        }

        return bytes;

        static int Own(ReadOnlyMemory<byte> part, ReadOnlyMemory<byte> before) => part.Equals(before) ? 0 : part.Length;
    }
}
