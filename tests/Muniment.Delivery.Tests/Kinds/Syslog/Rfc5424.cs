using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Muniment.Delivery.Tests.Kinds.Syslog;

/// <summary>A receiver's strict reading of one message, by regular expressions and not by the product's code. What it refuses it says with the place that asks for it.</summary>
internal sealed partial class Rfc5424
{
    public required int Priority { get; init; }
    public required string Timestamp { get; init; }
    public required string Host { get; init; }
    public required string Application { get; init; }
    public required string Process { get; init; }
    public required string MessageId { get; init; }
    public required Dictionary<string, Dictionary<string, string>> Data { get; init; }
    public required byte[] Message { get; init; }

    public string Text => Encoding.UTF8.GetString(Message);

    /// <summary>Splits a whole connection by octet counting (RFC 6587, 3.4.1).</summary>
    public static IEnumerable<byte[]> Frames(byte[] stream)
    {
        for (int at = 0; at < stream.Length;)
        {
            int blank = Array.IndexOf(stream, (byte)' ', at);
            string digits = Encoding.ASCII.GetString(stream[at..(blank < 0 ? stream.Length : blank)]);
            if (blank < 0 || !Count().IsMatch(digits))
            {
                throw new RefusedException("facts 1.12: octet counting, LEN SP MSG, LEN without leading zero");
            }

            int length = int.Parse(digits, CultureInfo.InvariantCulture);
            if (blank + 1 + length > stream.Length)
            {
                throw new RefusedException("facts 1.12: octet counting, the message is shorter than LEN");
            }

            yield return stream[(blank + 1)..(blank + 1 + length)];
            at = blank + 1 + length;
        }
    }

    public static Rfc5424 Parse(byte[] message, int maxBytes = 8192)
    {
        if (message.Length > maxBytes)
        {
            throw new RefusedException("facts 1.12: over the receiver's largest message");
        }

        Match head = Head().Match(Encoding.Latin1.GetString(message));
        if (!head.Success)
        {
            throw new RefusedException("facts 1.12: <PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID with their lengths, printable ASCII, at most 6 decimals");
        }

        int priority = int.Parse(head.Groups["pri"].Value, CultureInfo.InvariantCulture);
        if (priority > 191)
        {
            throw new RefusedException("facts 1.12: PRI = facility * 8 + severity, at most 191");
        }

        string stamp = head.Groups["time"].Value;
        if (stamp != "-" && !DateTimeOffset.TryParse(stamp, CultureInfo.InvariantCulture, out _))
        {
            throw new RefusedException("facts 1.12: TIMESTAMP is no time");
        }

        string latin = Encoding.Latin1.GetString(message);
        int at = head.Length;
        Dictionary<string, Dictionary<string, string>> data = [];
        if (at < latin.Length && latin[at] == '-')
        {
            at++;
        }
        else
        {
            int begin = at;
            while (Element().Match(latin, at) is { Success: true } element)
            {
                Dictionary<string, string> values = [];
                foreach (Match pair in Parameter().Matches(element.Groups["params"].Value))
                {
                    string escaped = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(pair.Groups["value"].Value));
                    values.Add(pair.Groups["name"].Value, Regex.Replace(escaped, @"\\([\\""\]])", "$1"));
                }

                if (!data.TryAdd(element.Groups["id"].Value, values))
                {
                    throw new RefusedException("RFC 5424, 6.3.2: an SD-ID stands twice");
                }

                at += element.Length;
            }

            if (at == begin)
            {
                throw new RefusedException("facts 1.12: SD [name@PEN key=\"v\"] with \\ \" ] escaped in values, or -");
            }
        }

        if (at < latin.Length && latin[at] != ' ')
        {
            throw new RefusedException("facts 1.12: a blank between SD and MSG");
        }

        byte[] text = at < latin.Length ? message[(at + 1)..] : [];
        try
        {
            new UTF8Encoding(false, true).GetCharCount(text);
        }
        catch (DecoderFallbackException)
        {
            throw new RefusedException("facts 1.12: MSG is not UTF-8");
        }

        return new Rfc5424
        {
            Priority = priority, Timestamp = stamp, Host = head.Groups["host"].Value, Application = head.Groups["app"].Value, Process = head.Groups["proc"].Value,
            MessageId = head.Groups["msgid"].Value, Data = data, Message = text,
        };
    }

    [GeneratedRegex("^[1-9][0-9]{0,6}$")]
    private static partial Regex Count();

    [GeneratedRegex(@"\A<(?<pri>0|[1-9][0-9]{0,2})>1 (?<time>-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)) (?<host>[!-~]{1,255}) (?<app>[!-~]{1,48}) (?<proc>[!-~]{1,128}) (?<msgid>[!-~]{1,32}) ")]
    private static partial Regex Head();

    [GeneratedRegex(@"\G\[(?<id>[!#-<>-\\^-~]{1,32})(?<params>( [!#-<>-\\^-~]{1,32}=""([^""\\\]]|\\[\\""\]])*"")*)\]")]
    private static partial Regex Element();

    [GeneratedRegex(@" (?<name>[!#-<>-\\^-~]{1,32})=""(?<value>([^""\\\]]|\\[\\""\]])*)""")]
    private static partial Regex Parameter();
}

/// <summary>What a strict receiver does not take.</summary>
internal sealed class RefusedException(string reason) : Exception(reason);
