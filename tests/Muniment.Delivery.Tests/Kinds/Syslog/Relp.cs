using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Muniment.Delivery.Tests.Kinds.Syslog;

/// <summary>The server's side of a RELP session, strictly: TXNR SP COMMAND SP DATALEN [SP DATA] LF, open first, numbers that grow by one.</summary>
internal sealed partial class Relp
{
    private readonly List<byte> _input = [];
    private int _last;
    private bool _open;

    public void Feed(ReadOnlySpan<byte> bytes) => _input.AddRange(bytes);

    /// <summary>The next whole frame; null when more bytes are needed.</summary>
    public (int Number, string Command, byte[] Data)? Next()
    {
        byte[] input = [.. _input];
        string text = Encoding.Latin1.GetString(input);
        Match head = Head().Match(text);
        if (!head.Success)
        {
            return text.Length < 60 && Beginning().IsMatch(text) ? null : throw new RefusedException("RELP: TXNR SP COMMAND SP DATALEN");
        }

        int number = int.Parse(head.Groups["n"].Value, CultureInfo.InvariantCulture);
        int length = int.Parse(head.Groups["len"].Value, CultureInfo.InvariantCulture);
        int at = head.Length;
        if (length > 0)
        {
            if (at < text.Length && text[at] != ' ')
            {
                throw new RefusedException("RELP: a blank before DATA");
            }

            at++;
        }

        if (input.Length < at + length + 1)
        {
            return null;
        }

        if (input[at + length] != '\n')
        {
            throw new RefusedException("RELP: a frame ends with LF behind DATALEN bytes");
        }

        string command = head.Groups["cmd"].Value;
        if (number != _last + 1)
        {
            throw new RefusedException("RELP: transaction numbers grow by one, from 1");
        }

        if (command == "open" == _open)
        {
            throw new RefusedException("RELP: a session begins with one open");
        }

        byte[] data = input[at..(at + length)];
        if (command == "open" && !Encoding.ASCII.GetString(data).Split('\n').ToHashSet().IsSupersetOf(["relp_version=0", "commands=syslog"]))
        {
            throw new RefusedException("RELP: open offers relp_version and commands");
        }

        if (command is not ("open" or "syslog" or "close"))
        {
            throw new RefusedException("RELP: a command that was not offered");
        }

        (_last, _open) = (number, true);
        _input.RemoveRange(0, at + length + 1);
        return (number, command, data);
    }

    public static byte[] Answer(int number, string data) => Encoding.UTF8.GetBytes($"{number} rsp {Encoding.UTF8.GetByteCount(data)} {data}\n");

    [GeneratedRegex(@"\A(?<n>[1-9]\d{0,8}) (?<cmd>[a-z]{1,32}) (?<len>0|[1-9]\d{0,8})(?=[^\d])")]
    private static partial Regex Head();

    [GeneratedRegex(@"\A(|[1-9]\d{0,8}( ([a-z]{0,32}( \d{0,9})?)?)?)\z")]
    private static partial Regex Beginning();
}
