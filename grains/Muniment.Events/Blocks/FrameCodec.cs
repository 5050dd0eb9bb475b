namespace Muniment.Events.Blocks;

/// <summary>How a frame is compressed before it is encrypted. The numbers are stored.</summary>
public enum FrameCodec : byte
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>Brotli (RFC 7932).</summary>
    Brotli = 1,

    /// <summary>In pieces that are compressed each by itself; only the text frame of a sealed block (<see cref="Sealed.TextPieces"/>).</summary>
    Pieces = 2,

    /// <summary>LZ4, block format: larger, and six times as fast to read. Only large segments, which are read several times before they are sealed.</summary>
    Lz4 = 3,
}
