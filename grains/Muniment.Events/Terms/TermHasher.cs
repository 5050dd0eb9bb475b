using System.Buffers.Binary;
using Muniment.Events.Hashing;
using Muniment.Events.Keys;

namespace Muniment.Events.Terms;

/// <summary>
/// Index terms of one tenant: SipHash-1-3 under <see cref="TenantKeys.TermKey"/> over one field byte and the value's UTF-8 bytes; the top 48 of its 64 bits.
/// Keyed, so that an index page tells nothing without the key. Stored in index pages, therefore never changed.
/// </summary>
public readonly struct TermHasher
{
    private readonly ulong _key0;
    private readonly ulong _key1;

    /// <summary>A hasher under a tenant's key.</summary>
    public TermHasher(TenantKeys keys)
    {
        _key0 = BinaryPrimitives.ReadUInt64LittleEndian(keys.TermKey.Span);
        _key1 = BinaryPrimitives.ReadUInt64LittleEndian(keys.TermKey.Span[8..]);
    }

    /// <summary>The 48-bit term of a field's value, right-aligned.</summary>
    public ulong Hash(TermField field, ReadOnlySpan<byte> utf8) => SipHash.Hash13(_key0, _key1, (byte)field, utf8) >> 16;

    /// <summary>All 64 bits for a word of free text (field byte 0), already case-folded.</summary>
    public ulong HashWord(ReadOnlySpan<byte> utf8) => SipHash.Hash13(_key0, _key1, 0, utf8);
}
