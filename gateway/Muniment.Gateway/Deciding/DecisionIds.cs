using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Muniment.Gateway.Deciding;

/// <summary>Decision ids: UUID version 7 (RFC 9562, 5.7) whose random part comes from the system's generator, fetched for many at once because each fetch is a system call.</summary>
internal static class DecisionIds
{
    private const int SizeBytes = 16;
    private const int TimeBytes = 6;
    private const int RandomBytes = SizeBytes - TimeBytes;
    private const int Fetched = 64;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _used;

    /// <summary>A new one.</summary>
    public static string Create(DateTimeOffset now)
    {
        _random ??= new byte[Fetched * RandomBytes];
        if (_used % _random.Length == 0)
        {
            RandomNumberGenerator.Fill(_random);
            _used = 0;
        }

        Span<byte> id = stackalloc byte[SizeBytes];
        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, now.ToUnixTimeMilliseconds());
        time[(sizeof(long) - TimeBytes)..].CopyTo(id);
        _random.AsSpan(_used, RandomBytes).CopyTo(id[TimeBytes..]);
        _used += RandomBytes;
        id[6] = (byte)((id[6] & 0x0F) | 0x70);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true).ToString();
    }
}
