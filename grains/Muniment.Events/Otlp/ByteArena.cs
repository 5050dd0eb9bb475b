namespace Muniment.Events.Otlp;

/// <summary>Hands out pieces of a few larger arrays, for the copies that one request needs. Pieces stay valid as long as somebody holds them.</summary>
internal sealed class ByteArena
{
    private const int ChunkBytes = 4096;
    private Memory<byte> _rest;

    public Memory<byte> Rent(int size)
    {
        if (_rest.Length < size)
        {
            _rest = new byte[Math.Max(size, ChunkBytes)];
        }

        Memory<byte> piece = _rest[..size];
        _rest = _rest[size..];
        return piece;
    }
}
