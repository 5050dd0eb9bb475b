using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Muniment.Events;

/// <summary>
/// Ids of events that came without one: a UUID version 7 (RFC 9562) computed from tenant, seq and time of receipt, never stored. Bits: 48 Unix ms of
/// receipt, version, 12 tag, variant, 48 seq, 14 tag. The tag is a mix of all three, so a look-up decodes the seq from the id alone, and a
/// sender's own UUIDs are told apart (one in 2^26 is not, therefore a reader still compares the event's id).
/// </summary>
public static class EventIds
{
    /// <summary>Most characters of an id.</summary>
    public const int MaxLength = 128;

    /// <summary>Ends the sentence "expected …".</summary>
    public const string Expected = "1 to 128 printable ASCII characters";

    private const long MaxSeq = (1L << 48) - 1;

    /// <summary>Whether a sender may use this id: 1 to 128 printable ASCII characters (blank included).</summary>
    public static bool IsValid([NotNullWhen(true)] string? id)
    {
        if (id is null || id.Length is 0 or > MaxLength)
        {
            return false;
        }

        return !id.AsSpan().ContainsAnyExceptInRange(' ', '~');
    }

    /// <summary>Characters of an id of ours.</summary>
    public const int ComputedLength = 36;

    /// <summary>The id of ours for one entry.</summary>
    public static string Compute(TenantId tenant, long seq, long receivedNs) => ToGuid(tenant, seq, receivedNs).ToString("D");

    /// <summary>Writes the id of ours for one entry, <see cref="ComputedLength"/> ASCII characters.</summary>
    public static void Write(TenantId tenant, long seq, long receivedNs, Span<byte> utf8) => ToGuid(tenant, seq, receivedNs).TryFormat(utf8, out _, "D");

    private static Guid ToGuid(TenantId tenant, long seq, long receivedNs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seq);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seq, MaxSeq);
        ulong ms = (ulong)(receivedNs / 1_000_000) & 0xFFFF_FFFF_FFFF;
        ulong tag = Tag(tenant, seq, ms);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (ms << 16) | 0x7000 | (tag >> 52));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], (2UL << 62) | ((ulong)seq << 14) | (tag & 0x3FFF));
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Reads the seq out of an id of ours (lower-case); false for any other id and for ids of other tenants.</summary>
    public static bool TryDecodeSeq(TenantId tenant, ReadOnlySpan<char> id, out long seq)
    {
        seq = -1;
        if (id.Length != 36 || id[14] != '7' || id.ContainsAnyInRange('A', 'F') || !Guid.TryParseExact(id, "D", out Guid guid))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        ulong high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        ulong low = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        long candidate = (long)((low >> 14) & MaxSeq);
        ulong tag = Tag(tenant, candidate, high >> 16);
        if (low >> 62 != 2 || (high & 0xFFF) != tag >> 52 || (low & 0x3FFF) != (tag & 0x3FFF))
        {
            return false;
        }

        seq = candidate;
        return true;
    }

    /// <summary>FNV-1a over the name, then the SplitMix64 finaliser over all three; not secret, only spread.</summary>
    private static ulong Tag(TenantId tenant, long seq, ulong receivedMs)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in tenant.Value)
        {
            hash = (hash ^ c) * 1099511628211;
        }

        return Mix(hash ^ Mix((ulong)seq ^ Mix(receivedMs)));
    }

    private static ulong Mix(ulong value)
    {
        value += 0x9E37_79B9_7F4A_7C15;
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
