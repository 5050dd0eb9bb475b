using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Muniment.Events;
using Muniment.Events.Keys;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Ingest;

/// <summary>
/// Keyed digests (HMAC-SHA-256, truncated) by which repeats are recognised without keeping what was sent. Everything is bound to the sender's key and
/// receiver: the same bytes from another key are another request.
/// </summary>
internal sealed class Digests(TenantKeys keys, string keyId, string scope) : IDisposable
{
    /// <summary>Bytes of a request digest.</summary>
    public const int RequestSizeBytes = 16;

    private const int TagSizeBytes = 16;
    private const int NonceSizeBytes = 12;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, keys.DedupKey.Span);
    private readonly byte[] _prefix = Encoding.UTF8.GetBytes($"{keyId}\0{scope}\0");

    /// <summary>
    /// Digest of a whole decoded body: HMAC of its length and its GMAC (NIST SP 800-38D, with one fixed nonce). Over a key that nobody sees and tags that never leave
    /// the HMAC, GMAC is a universal hash: two bodies meet with a chance of at most their length in blocks over 2^128, at a tenth of the price of hashing them with SHA-256.
    /// </summary>
    public ReadOnlyMemory<byte> Request(ReadOnlySpan<byte> body)
    {
        Span<byte> reduced = stackalloc byte[TagSizeBytes + sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(reduced[TagSizeBytes..], body.Length);
        using (AesGcm gmac = new(keys.RepeatKey.Span, TagSizeBytes))
        {
            Span<byte> nonce = stackalloc byte[NonceSizeBytes];
            nonce.Clear();
            gmac.Encrypt(nonce, [], [], reduced[..TagSizeBytes], body);
        }

        byte[] digest = new byte[SHA256.HashSizeInBytes];
        Hash("r"u8, reduced, digest);
        return digest.AsMemory(0, RequestSizeBytes);
    }

    /// <summary>Digest of an id and of the event's bytes.</summary>
    public EventIdMessage Id(int index, string id, ReadOnlySpan<byte> content)
    {
        Span<byte> utf8 = stackalloc byte[Encoding.UTF8.GetMaxByteCount(EventIds.MaxLength)];
        return Make(index, "i"u8, utf8[..Encoding.UTF8.GetBytes(id, utf8)], content);
    }

    /// <summary>Stands in for the id of an event that has none in a request where others have: the request's digest and the event's place in it.</summary>
    public EventIdMessage Place(int index, int item, ReadOnlySpan<byte> requestDigest, ReadOnlySpan<byte> content)
    {
        Span<byte> place = stackalloc byte[RequestSizeBytes + 4];
        requestDigest.CopyTo(place);
        BinaryPrimitives.WriteInt32BigEndian(place[RequestSizeBytes..], item);
        return Make(index, "p"u8, place, content);
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private EventIdMessage Make(int index, ReadOnlySpan<byte> label, ReadOnlySpan<byte> id, ReadOnlySpan<byte> content)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(label, id, digest);
        ulong high = BinaryPrimitives.ReadUInt64BigEndian(digest);
        ulong low = BinaryPrimitives.ReadUInt64BigEndian(digest[8..]);
        Hash("c"u8, content, digest);
        return new EventIdMessage(index, high, low, BinaryPrimitives.ReadUInt64BigEndian(digest));
    }

    private void Hash(ReadOnlySpan<byte> label, ReadOnlySpan<byte> bytes, Span<byte> digest)
    {
        _hash.AppendData(label);
        _hash.AppendData(_prefix);
        _hash.AppendData(bytes);
        _hash.GetHashAndReset(digest);
    }
}
