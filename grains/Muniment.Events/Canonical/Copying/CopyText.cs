using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Muniment.Events.Canonical.Copying;

/// <summary>
/// Steps over JSON that the door has checked. It keeps to what it sees all the same: whatever it does not expect stops the copy, and the event is read instead.
/// </summary>
internal ref struct CopyText(ReadOnlySpan<byte> json)
{
    private static readonly SearchValues<byte> Ends = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> Brackets = SearchValues.Create("\"{}[]"u8);
    private readonly ReadOnlySpan<byte> json = json;

    /// <summary>Where it stands.</summary>
    public int At { get; private set; }

    /// <summary>Whether everything is passed.</summary>
    public bool AtEnd
    {
        get
        {
            Peek();
            return At == json.Length;
        }
    }

    /// <summary>The next byte that is no blank; 0 at the end. Other white space has no place in a copy, because it is left out of what is written.</summary>
    public byte Peek()
    {
        int at = At;
        while ((uint)at < (uint)json.Length)
        {
            byte next = json[at];
            if (next != ' ')
            {
                At = at;
                return next;
            }

            at++;
        }

        At = at;
        return 0;
    }

    /// <summary>Passes one byte; false when another one stands there.</summary>
    public bool Pass(byte wanted)
    {
        int at = At;
        if ((uint)at < (uint)json.Length && json[at] == wanted)
        {
            At = at + 1;
            return true;
        }

        if (Peek() != wanted)
        {
            return false;
        }

        At++;
        return true;
    }

    /// <summary>Passes a text in quotes; <paramref name="plain"/> is false when it has escapes.</summary>
    public bool PassText(out int start, out int length, out bool plain)
    {
        (start, length, plain) = (0, 0, true);
        if (!Pass((byte)'"'))
        {
            return false;
        }

        start = At;
        while (true)
        {
            int end = FindEnd(json[At..]);
            if (end < 0)
            {
                return false;
            }

            At += end;
            if (json[At] == '"')
            {
                length = At - start;
                At++;
                return true;
            }

            plain = false;
            if (At + 2 > json.Length)
            {
                return false;
            }

            At += 2;
        }
    }

    /// <summary>The next quote or backslash. Most texts end within the first sixteen bytes, and those are looked at without a call.</summary>
    private static int FindEnd(ReadOnlySpan<byte> text)
    {
        if (!Vector128.IsHardwareAccelerated || text.Length < Vector128<byte>.Count)
        {
            return text.IndexOfAny(Ends);
        }

        Vector128<byte> first = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(text));
        uint found = (Vector128.Equals(first, Vector128.Create((byte)'"')) | Vector128.Equals(first, Vector128.Create((byte)'\\'))).ExtractMostSignificantBits();
        if (found != 0)
        {
            return BitOperations.TrailingZeroCount(found);
        }

        int further = text[Vector128<byte>.Count..].IndexOfAny(Ends);
        return further < 0 ? further : further + Vector128<byte>.Count;
    }

    /// <summary>Passes a number, <c>true</c>, <c>false</c> or <c>null</c>.</summary>
    public bool PassWord(out int start, out int length)
    {
        Peek();
        start = At;
        while (At < json.Length && json[At] is (>= (byte)'0' and <= (byte)'9') or (>= (byte)'a' and <= (byte)'z') or (byte)'E' or (byte)'+' or (byte)'-' or (byte)'.')
        {
            At++;
        }

        length = At - start;
        return length > 0;
    }

    /// <summary>Passes any value.</summary>
    public bool PassValue(out int start, out int length)
    {
        byte first = Peek();
        start = At;
        bool passed = first switch
        {
            (byte)'"' => PassText(out _, out _, out _),
            (byte)'{' or (byte)'[' => PassNested(),
            _ => PassWord(out _, out _),
        };
        length = At - start;
        return passed;
    }

    private bool PassNested()
    {
        int depth = 0;
        while (true)
        {
            int next = json[At..].IndexOfAny(Brackets);
            if (next < 0)
            {
                return false;
            }

            At += next;
            switch (json[At])
            {
                case (byte)'"':
                    if (!PassText(out _, out _, out _))
                    {
                        return false;
                    }

                    break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    At++;
                    break;
                default:
                    At++;
                    if (--depth == 0)
                    {
                        return true;
                    }

                    break;
            }
        }
    }
}
