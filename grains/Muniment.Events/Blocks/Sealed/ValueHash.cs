using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Muniment.Events.Hashing;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>Hashes of values inside this process, under a key of its own: senders choose the values.</summary>
internal static class ValueHash
{
    private static readonly ulong _key = MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(8));

    public static ulong Of(ReadOnlySpan<byte> value) => SipHash.Hash13(_key, ~_key, 0, value);
}
