using System.Buffers.Binary;

namespace Muniment.Events.Blocks;

/// <summary>
/// Log entry, version 1: <c>u8 version = 1 ‖ u64 received ns ‖ u8 kind ‖ u8 sealed parts n ‖ 32 bytes d</c>, big-endian. <c>d</c> is the commitment
/// <c>c_0</c> when n = 0, else SHA-256(c_0 ‖ … ‖ c_n). The entry's index in the tree is its seq. The leaf is SHA-256(0x00 ‖ entry) (RFC 6962, 2.1).
/// </summary>
public static class LogEntry
{
    /// <summary>Length of version 1 in bytes.</summary>
    public const int SizeBytes = 43;

    /// <summary>Version that is written.</summary>
    public const byte Version = 1;

    /// <summary>Writes an entry without sealed parts.</summary>
    /// <param name="target">At least <see cref="SizeBytes"/> bytes.</param>
    /// <param name="receivedNs">When the server took it, Unix ns.</param>
    /// <param name="kind">What the record is.</param>
    /// <param name="commitment"><c>c_0</c>, 32 bytes.</param>
    public static void Write(Span<byte> target, long receivedNs, EntryKind kind, ReadOnlySpan<byte> commitment)
    {
        target[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(target[1..], receivedNs);
        target[9] = (byte)kind;
        target[10] = 0;
        commitment[..32].CopyTo(target[11..]);
    }
}
