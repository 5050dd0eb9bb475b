using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Muniment.Events;

namespace Muniment.Gateway.Access;

/// <summary>
/// The text of an API key: <c>mk_TENANT_ID_SECRET</c>. ID and SECRET are base62, so that the two last underscores divide the text although a tenant's
/// name may hold some. SECRET is 32 random characters (190 bits) and a six-character CRC-32 of everything before it, by which a typing error or a
/// scanner's chance hit is told from a key without asking anybody. Only the SHA-256 of the text is ever stored; at this entropy a slow hash adds nothing.
/// </summary>
internal static class ApiKey
{
    /// <summary>Length of the public id.</summary>
    public const int IdLength = 12;

    /// <summary>Random characters of the secret.</summary>
    public const int RandomLength = 32;

    /// <summary>Characters of the checksum: 62^6 exceeds 2^32.</summary>
    public const int ChecksumLength = 6;

    /// <summary>Longest key text.</summary>
    public const int MaxLength = 3 + TenantId.MaxLength + 1 + IdLength + 1 + RandomLength + ChecksumLength;

    private const string Prefix = "mk_";
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(b => Crc((uint)b))];
    private static readonly SearchValues<char> AlphabetValues = SearchValues.Create(Alphabet);

    /// <summary>Makes a new key from the system's random source.</summary>
    /// <returns>The text to show once, and its id.</returns>
    public static (string Text, string Id) Create(TenantId tenant)
    {
        string id = RandomNumberGenerator.GetString(Alphabet, IdLength);
        string text = $"{Prefix}{tenant.Value}_{id}_{RandomNumberGenerator.GetString(Alphabet, RandomLength)}";
        return (text + Checksum(text), id);
    }

    /// <summary>Divides a key text. False when its form or checksum is wrong: no such key was ever made.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TenantId tenant, [NotNullWhen(true)] out string? id)
    {
        tenant = default;
        id = null;
        if (text.Length > MaxLength || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        int secretAt = text.LastIndexOf('_') + 1;
        int idAt = secretAt < 2 ? 0 : text[..(secretAt - 1)].LastIndexOf('_') + 1;
        if (text.Length - secretAt != RandomLength + ChecksumLength || secretAt - 1 - idAt != IdLength || idAt <= Prefix.Length)
        {
            return false;
        }

        ReadOnlySpan<char> idText = text[idAt..(secretAt - 1)];
        if (idText.ContainsAnyExcept(AlphabetValues) || text[secretAt..].ContainsAnyExcept(AlphabetValues)
            || !TenantId.TryParse(text[Prefix.Length..(idAt - 1)].ToString(), out tenant)
            || !text[^ChecksumLength..].SequenceEqual(Checksum(text[..^ChecksumLength])))
        {
            return false;
        }

        id = idText.ToString();
        return true;
    }

    /// <summary>SHA-256 of the key text; what is stored and compared.</summary>
    public static void Hash(ReadOnlySpan<char> text, Span<byte> hash)
    {
        Span<byte> utf8 = stackalloc byte[Encoding.UTF8.GetMaxByteCount(MaxLength)];
        int length = Encoding.UTF8.GetBytes(text, utf8);
        SHA256.HashData(utf8[..length], hash);
    }

    /// <summary>First eight hex digits of the hash: tells two keys apart in an audit event and reveals nothing.</summary>
    public static string Fingerprint(ReadOnlySpan<byte> hash) => "sha256:" + Convert.ToHexStringLower(hash[..4]);

    private static string Checksum(ReadOnlySpan<char> text)
    {
        uint crc = uint.MaxValue;
        foreach (char c in text)
        {
            crc = CrcTable[(byte)(crc ^ c)] ^ (crc >> 8);
        }

        return string.Create(ChecksumLength, ~crc, static (span, value) =>
        {
            for (int i = span.Length - 1; i >= 0; i--, value /= 62)
            {
                span[i] = Alphabet[(int)(value % 62)];
            }
        });
    }

    private static uint Crc(uint value)
    {
        for (int bit = 0; bit < 8; bit++)
        {
            value = (value >> 1) ^ (0xEDB88320u & (0u - (value & 1)));
        }

        return value;
    }
}
