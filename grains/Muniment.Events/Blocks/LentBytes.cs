namespace Muniment.Events.Blocks;

/// <summary>Bytes in an array of <see cref="LargeArrays"/>, until this is disposed. Not thread-safe, but it may be disposed more than once.</summary>
public sealed class LentBytes : IDisposable
{
    private readonly int _length;
    private byte[]? _array;

    /// <summary>Room for this many bytes, of any content.</summary>
    public LentBytes(int lengthBytes)
    {
        _length = lengthBytes;
        _array = LargeArrays.Rent(lengthBytes);
    }

    /// <summary>The bytes.</summary>
    /// <exception cref="ObjectDisposedException">They were given back.</exception>
    public Memory<byte> Bytes => (_array ?? throw new ObjectDisposedException(nameof(LentBytes))).AsMemory(0, _length);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _array, null) is { } array)
        {
            LargeArrays.Return(array);
        }
    }
}
