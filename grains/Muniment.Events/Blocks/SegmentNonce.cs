using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Muniment.Events.Blocks;

/// <summary>The 12 random bytes under which a segment is encrypted and from which the salts of its events are made.</summary>
/// <param name="High">First 8 bytes, big-endian.</param>
/// <param name="Low">Last 4 bytes, big-endian.</param>
public readonly record struct SegmentNonce(ulong High, uint Low)
{
    /// <summary>Length in bytes.</summary>
    public const int SizeBytes = 12;

    /// <summary>A fresh one from the system's random generator.</summary>
    public static SegmentNonce Create()
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        RandomNumberGenerator.Fill(bytes);
        return Read(bytes);
    }

    /// <summary>Reads the first 12 bytes.</summary>
    public static SegmentNonce Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]));

    /// <summary>Writes the 12 bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], Low);
    }
}
