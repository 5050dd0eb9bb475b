using System.Numerics;
using System.Security.Cryptography;
using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Network;

/// <summary>Addresses of wallets (opt-in): Base58Check (Bitcoin, Litecoin), Bech32 and Bech32m (BIP 173, BIP 350), and Ethereum's 0x with 40 hexadecimal characters.</summary>
internal static class CryptoAddress
{
    private const string Base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", Bech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    /// <summary>Looks at a token.</summary>
    public static void Find(in Scan scan, int start)
    {
        if (!scan.Has(DetectorId.CryptoAddress))
        {
            return;
        }

        ReadOnlySpan<char> text = scan.Text;
        int end = Chars.RunEnd(text, start, scan.Bound(start), CharClass.Alnum);
        ReadOnlySpan<char> token = text[start..end];
        if (end < text.Length && text[end] == '_')
        {
            return;
        }

        bool found = token.StartsWith("0x") ? token.Length == 42 && Chars.RunEnd(token, 2, 42, CharClass.Hex) == 42 && Entropy.Of(token[2..]) > 2
            : token.StartsWith("bc1") || token.StartsWith("tb1") || token.StartsWith("ltc1") ? token.Length is >= 42 and <= 90 && IsBech32(token)
            : token.Length is >= 26 and <= 35 && Chars.RunEnd(token, 0, token.Length, CharClass.Base58) == token.Length && IsBase58Check(token);
        if (found)
        {
            scan.Add(DetectorId.CryptoAddress, start, end);
        }
    }

    private static bool IsBase58Check(ReadOnlySpan<char> token)
    {
        BigInteger number = 0;
        foreach (char c in token)
        {
            number = (number * 58) + Base58.IndexOf(c);
        }

        Span<byte> raw = stackalloc byte[25];
        raw.Clear();
        int bytes = number.GetByteCount(isUnsigned: true);
        if (bytes > 25 || !number.TryWriteBytes(raw[(25 - bytes)..], out _, isUnsigned: true, isBigEndian: true))
        {
            return false;
        }

        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(raw[..21], digest);
        SHA256.HashData(digest, digest);
        return digest[..4].SequenceEqual(raw[21..]);
    }

    private static bool IsBech32(ReadOnlySpan<char> token)
    {
        int one = token.LastIndexOf('1');
        uint check = 1;
        foreach (char c in token[..one])
        {
            check = Step(check, (uint)c >> 5);
        }

        check = Step(check, 0);
        foreach (char c in token[..one])
        {
            check = Step(check, c & 31u);
        }

        foreach (char c in token[(one + 1)..])
        {
            int value = Bech32.IndexOf(c);
            if (value < 0)
            {
                return false;
            }

            check = Step(check, (uint)value);
        }

        return check is 1 or 0x2bc830a3;
    }

    private static uint Step(uint check, uint value)
    {
        uint top = check >> 25;
        check = ((check & 0x1ffffff) << 5) ^ value;
        ReadOnlySpan<uint> generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
        for (int i = 0; i < 5; i++)
        {
            check ^= ((top >> i) & 1) != 0 ? generator[i] : 0;
        }

        return check;
    }
}
