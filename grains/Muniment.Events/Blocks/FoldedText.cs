namespace Muniment.Events.Blocks;

/// <summary>Looks for ASCII letters and digits in bytes, whatever the letters' case: by the character that is rarest in telemetry, then the rest.</summary>
internal sealed class FoldedText
{
    /// <summary>Letters and digits from the commonest in telemetry to the rarest.</summary>
    private const string CommonFirst = "eatonrsi0l1dc2um3p4f5g6h7b8y9vwkxqjz";

    private readonly byte[] _lower;
    private readonly int _anchor;
    private readonly byte _anchorLower;
    private readonly byte _anchorUpper;

    /// <param name="lower">Letters in lower case and digits, at least one.</param>
    public FoldedText(byte[] lower)
    {
        _lower = lower;
        for (int i = 1; i < lower.Length; i++)
        {
            _anchor = Rank(lower[i]) > Rank(lower[_anchor]) ? i : _anchor;
        }

        _anchorLower = lower[_anchor];
        _anchorUpper = Upper(_anchorLower);
    }

    /// <summary>Where it begins first, or -1.</summary>
    public int IndexIn(ReadOnlySpan<byte> bytes)
    {
        int at = _anchor;
        int last = bytes.Length - (_lower.Length - _anchor);
        while (at <= last)
        {
            int found = bytes[at..(last + 1)].IndexOfAny(_anchorLower, _anchorUpper);
            if (found < 0)
            {
                return -1;
            }

            at += found;
            if (Fits(bytes.Slice(at - _anchor, _lower.Length)))
            {
                return at - _anchor;
            }

            at++;
        }

        return -1;
    }

    private static int Rank(byte c) => CommonFirst.IndexOf((char)c, StringComparison.Ordinal);

    private static byte Upper(byte c) => c is >= (byte)'a' and <= (byte)'z' ? (byte)(c - 32) : c;

    private bool Fits(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            byte c = bytes[i];
            if ((c is >= (byte)'A' and <= (byte)'Z' ? c + 32 : c) != _lower[i])
            {
                return false;
            }
        }

        return true;
    }
}
