using System.Text;
using System.Text.RegularExpressions;

namespace Muniment.Events.Tests.Formats.Lines;

/// <summary>
/// A strict parser of CEF after ArcSight's description, without a look at the writer: seven header fields parted by bare pipes with <c>\\</c> and <c>\|</c>, then pairs; a value
/// runs to the next blank, key and equals sign; in values only <c>\\ \= \n \r</c>.
/// </summary>
internal sealed partial class CefLine
{
    public string[] Header { get; }

    public Dictionary<string, string> Pairs { get; } = [];

    public CefLine(string line)
    {
        if (line.Any(char.IsControl) && line.Any(c => c is '\n' or '\r' or '\0'))
        {
            throw new FormatException("a control character");
        }

        List<string> header = [];
        StringBuilder field = new();
        int i = 0;
        for (; i < line.Length && header.Count < 7; i++)
        {
            if (line[i] == '\\')
            {
                i++;
                field.Append(line[i] is '\\' or '|' ? line[i] : throw new FormatException($"\\{line[i]} in the header"));
            }
            else if (line[i] == '|')
            {
                header.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(line[i]);
            }
        }

        Header = header.Count == 7 && header[0] == "CEF:0" ? [.. header] : throw new FormatException("no header of CEF:0");
        string extension = line[i..];
        Match[] keys = [.. KeyPattern().Matches(extension).Cast<Match>()];
        if (keys.Length > 0 && keys[0].Index != 0)
        {
            throw new FormatException("the extension does not begin with a key");
        }

        for (int k = 0; k < keys.Length; k++)
        {
            int end = k + 1 < keys.Length ? keys[k + 1].Index : extension.Length;
            string key = keys[k].Groups[1].Value;
            if (!Pairs.TryAdd(key, Unescape(extension[(keys[k].Index + keys[k].Length)..end])))
            {
                throw new FormatException($"{key} twice");
            }
        }
    }

    private static string Unescape(string raw)
    {
        StringBuilder value = new();
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '=')
            {
                throw new FormatException("a bare = in " + raw);
            }

            if (raw[i] == '\\')
            {
                i++;
                value.Append(i < raw.Length ? raw[i] switch { '\\' => '\\', '=' => '=', 'n' => '\n', 'r' => '\r', char c => throw new FormatException($"\\{c} in a value") } : throw new FormatException("\\ at the end"));
            }
            else
            {
                value.Append(raw[i]);
            }
        }

        return value.ToString();
    }

    [GeneratedRegex("(?:^| )([A-Za-z][A-Za-z0-9]*)=")]
    private static partial Regex KeyPattern();
}
