using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Muniment.Delivery.Kinds.Syslog;

/// <summary>Frames of RELP 1: <c>TXNR SP COMMAND SP DATALEN [SP DATA] LF</c>.</summary>
internal readonly record struct RelpFrame(int Number, string Command, string Data)
{
    /// <summary>Last transaction number before they begin again at 1.</summary>
    public const int MaxNumber = 999_999_999;

    /// <summary>Longest answer that is read.</summary>
    public const int MaxAnswerBytes = 64 * 1024;

    private const int MaxHeadBytes = 64;

    public static void Write(int number, ReadOnlySpan<byte> command, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        Marks.WriteNumber(number, output);
        output.Write(" "u8);
        output.Write(command);
        output.Write(" "u8);
        Marks.WriteNumber(data.Length, output);
        if (data.Length > 0)
        {
            output.Write(" "u8);
            output.Write(data);
        }

        output.Write("\n"u8);
    }

    /// <summary>Reads one frame from the beginning of <paramref name="input"/>: how many bytes it took, 0 when more are needed, -1 when it is none.</summary>
    public static int TryRead(ReadOnlySpan<byte> input, out RelpFrame frame)
    {
        frame = default;
        ReadOnlySpan<byte> head = input[..Math.Min(input.Length, MaxHeadBytes)];
        int incomplete = input.Length < MaxHeadBytes ? 0 : -1;
        int first = head.IndexOf((byte)' ');
        if (first < 0)
        {
            return head.ContainsAnyExceptInRange((byte)'0', (byte)'9') ? -1 : incomplete;
        }

        if (first is 0 or > 9 || !Utf8Parser.TryParse(head[..first], out int number, out int used) || used != first || number < 0)
        {
            return -1;
        }

        int second = head[(first + 1)..].IndexOf((byte)' ');
        if (second < 0)
        {
            return incomplete;
        }

        string command = Encoding.ASCII.GetString(head.Slice(first + 1, second));
        int lengthAt = first + second + 2;
        int end = head[lengthAt..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (end < 0)
        {
            return incomplete;
        }

        if (end is 0 or > 9 || !Utf8Parser.TryParse(head.Slice(lengthAt, end), out int length, out _) || length > MaxAnswerBytes)
        {
            return -1;
        }

        int dataAt = lengthAt + end + (length > 0 ? 1 : 0);
        if (length > 0 && head[lengthAt + end] != (byte)' ')
        {
            return -1;
        }

        int total = dataAt + length + 1;
        if (input.Length < total)
        {
            return 0;
        }

        if (input[total - 1] != (byte)'\n')
        {
            return -1;
        }

        frame = new RelpFrame(number, command, Encoding.UTF8.GetString(input.Slice(dataAt, length)));
        return total;
    }

    /// <summary>The three digits at the beginning of an answer's data; 0 when there are none.</summary>
    public int Status => Data.Length >= 3 && int.TryParse(Data.AsSpan(0, 3), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int status) ? status : 0;
}
