namespace Muniment.Events.Tests.Formats.Lines;

/// <summary>A strict parser of LEEF 2.0 after IBM's description: five header fields and the delimiter in hex, then pairs parted by it; nothing is escaped.</summary>
internal sealed class LeefLine
{
    public string[] Header { get; }

    public Dictionary<string, string> Pairs { get; } = [];

    public LeefLine(string line)
    {
        if (line.Any(c => c is '\n' or '\r' or '\0'))
        {
            throw new FormatException("a control character");
        }

        string[] parts = line.Split('|', 7);
        if (parts.Length != 7 || parts[0] != "LEEF:2.0" || parts[4].Length == 0 || !parts[5].StartsWith('x'))
        {
            throw new FormatException("no header of LEEF:2.0");
        }

        Header = parts[..6];
        foreach (string pair in parts[6].Split((char)Convert.ToInt32(parts[5][1..], 16)))
        {
            int equals = pair.IndexOf('=');
            if (equals < 1 || !pair[..equals].All(char.IsAsciiLetterOrDigit) || !Pairs.TryAdd(pair[..equals], pair[(equals + 1)..]))
            {
                throw new FormatException($"no pair: {pair}");
            }
        }
    }
}
