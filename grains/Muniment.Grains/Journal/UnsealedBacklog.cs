namespace Muniment.Grains.Journal;

/// <summary>
/// How much of a log is appended and not sealed, in events and in bytes, as far as this activation knows. Bytes are remembered for stretches of <see cref="StretchEvents"/>
/// events or <see cref="StretchBytes"/>, so that a backlog of many small requests costs little. Not thread-safe.
/// </summary>
internal sealed class UnsealedBacklog(long size)
{
    /// <summary>Events of a stretch.</summary>
    public const long StretchEvents = 4096;

    /// <summary>Bytes of a stretch.</summary>
    public const long StretchBytes = 1 << 20;

    private readonly Queue<(long EndSeq, long SizeBytes)> _stretches = new();
    private long _stretchStart = size;
    private long _openBytes;
    private long _closedBytes;
    private long? _sealedSize;

    /// <summary>Entries that are sealed; 0 while unknown.</summary>
    public long SealedSize => _sealedSize ?? 0;

    /// <summary>Entries of the log.</summary>
    public long Size { get; private set; } = size;

    /// <summary>Events that are not sealed; 0 until sealing has said where it stands.</summary>
    public long Events => _sealedSize is { } known ? Math.Max(0, Size - known) : 0;

    /// <summary>Their bytes, without those that an earlier activation appended.</summary>
    public long SizeBytes => _closedBytes + _openBytes;

    /// <summary>A group became durable.</summary>
    public void Appended(long size, long sizeBytes)
    {
        Size = size;
        _openBytes += sizeBytes;
        if (size - _stretchStart >= StretchEvents || _openBytes >= StretchBytes)
        {
            _stretches.Enqueue((size, _openBytes));
            _closedBytes += _openBytes;
            _openBytes = 0;
            _stretchStart = size;
        }
    }

    /// <summary>Sealing has come this far.</summary>
    public void Sealed(long sealedSize)
    {
        _sealedSize = sealedSize;
        while (_stretches.TryPeek(out (long EndSeq, long SizeBytes) stretch) && stretch.EndSeq <= sealedSize)
        {
            _stretches.Dequeue();
            _closedBytes -= stretch.SizeBytes;
        }

        if (sealedSize >= Size)
        {
            _openBytes = 0;
        }
    }
}
