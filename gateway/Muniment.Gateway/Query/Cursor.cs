using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Muniment.Gateway.Query;

/// <summary>
/// Where a list goes on: the direction, the seq it stopped before, and a digest of the question, so that a cursor is not used with another one. Opaque to callers,
/// nothing in it is secret, and any seq in it only narrows what the filter gives.
/// </summary>
internal readonly record struct Cursor(bool Ascending, long Seq)
{
    private const byte Version = 1;
    private const int SizeBytes = 14;

    /// <summary>Writes it for a question.</summary>
    public string Write(uint question)
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        bytes[0] = Version;
        bytes[1] = Ascending ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64BigEndian(bytes[2..], Seq);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[10..], question);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads one; false when it is none, or one of another question.</summary>
    public static bool TryRead(string text, uint question, [NotNullWhen(true)] out Cursor? cursor)
    {
        cursor = null;
        Span<byte> bytes = stackalloc byte[64];
        // Asked first, because decoding throws at what is no base64url.
        if (text.Length > 64 || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out int length) || length != SizeBytes || bytes[0] != Version || bytes[1] > 1
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[10..]) != question || BinaryPrimitives.ReadInt64BigEndian(bytes[2..]) is not (>= 0 and long seq))
        {
            return false;
        }

        cursor = new Cursor(bytes[1] == 1, seq);
        return true;
    }

    /// <summary>Digest of a question: path, tenant, order and filter parameters, in any order.</summary>
    public static uint Question(string path, string tenant, IEnumerable<KeyValuePair<string, StringValues>> parameters)
    {
        var text = new StringBuilder(path).Append('\n').Append(tenant);
        foreach ((string name, StringValues values) in parameters.Where(p => p.Key is not ("cursor" or "limit" or "min_seq" or "format")).OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            text.Append('\n').Append(name).Append('=').Append(values);
        }

        return Fnv(text.ToString());
    }

    private static uint Fnv(string text)
    {
        uint hash = 2166136261;
        foreach (char c in text)
        {
            hash = (hash ^ c) * 16777619;
        }

        return hash;
    }
}
