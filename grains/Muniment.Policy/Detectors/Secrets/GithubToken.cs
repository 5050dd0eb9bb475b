using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Secrets;

/// <summary>GitHub's classic tokens: 30 random characters and six that are their CRC-32 in base 62 (checked against the example of GitHub's documentation).</summary>
internal static class GithubToken
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>
    /// Whether what follows the prefix is a token's body: the checksum is right, or it looks random. A wrong checksum is no reason to let a random body pass: forms
    /// without one exist (longer tokens of apps).
    /// </summary>
    public static bool IsBody(ReadOnlySpan<char> body) => HasChecksum(body) || (Chars.RunEnd(body, 0, 36, CharClass.Alnum) == 36 && Entropy.Of(body) >= 3.7f);

    /// <summary>Whether characters 31 to 36 are the checksum of the first 30.</summary>
    public static bool HasChecksum(ReadOnlySpan<char> body)
    {
        uint crc = uint.MaxValue;
        foreach (char c in body[..30])
        {
            crc ^= c;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320u & (uint)-(int)(crc & 1));
            }
        }

        crc = ~crc;
        for (int i = 35; i >= 30; i--, crc /= 62)
        {
            if (body[i] != Digits[(int)(crc % 62)])
            {
                return false;
            }
        }

        return true;
    }
}
