using System.Text;
using System.Text.Unicode;
using Muniment.Gateway.Llm.Redaction;
using Muniment.Gateway.Llm.Texts;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm.Requests;

/// <summary>The texts of a query string, which go upstream like any other: names and values, decoded. One request's; not thread-safe.</summary>
internal sealed class QueryTexts
{
    /// <summary>Most parameters; providers take a handful.</summary>
    public const int MaxParameters = 64;

    private readonly string[] _written;

    private QueryTexts(string[] written) => _written = written;

    /// <summary>Reads a query string with its question mark; null when it has too many parameters, or its percent signs are not UTF-8 in hexadecimal, which readers make different things of.</summary>
    public static QueryTexts? Read(string query)
    {
        if (query.Length <= 1)
        {
            return new QueryTexts([]);
        }

        string[] written = query[1..].Split('&');
        return written.Length <= MaxParameters && Array.TrueForAll(written, part => Decode(part, plusIsSpace: true) is not null) ? new QueryTexts(written) : null;
    }

    /// <summary>The texts as decisions see them; a parameter is one text.</summary>
    public IEnumerable<InspectedText> Texts()
    {
        for (int i = 0; i < _written.Length; i++)
        {
            foreach (string text in Readings(_written[i]))
            {
                yield return new InspectedText($"/?{i}", TextRole.User.Name(), text);
            }
        }
    }

    /// <summary>Whether a parameter has this name, whatever its case.</summary>
    public bool Names(string name) => Array.Exists(_written, part => Decode(part, plusIsSpace: true)!.Split('=')[0].Trim().Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The query string with what the scrubber replaces; the same one when there is nothing.</summary>
    public string Scrub(Scrubber scrubber)
    {
        for (int i = 0; i < _written.Length; i++)
        {
            var place = new TextPlace($"/?{i}");
            foreach (string text in Readings(_written[i]))
            {
                if (scrubber.Scrub(text, place) is { } scrubbed)
                {
                    int sign = scrubbed.IndexOf('=', StringComparison.Ordinal);
                    _written[i] = sign < 0 ? Uri.EscapeDataString(scrubbed) : Uri.EscapeDataString(scrubbed[..sign]) + "=" + Uri.EscapeDataString(scrubbed[(sign + 1)..]);
                    break;
                }
            }
        }

        return _written.Length == 0 ? "" : "?" + string.Join('&', _written);
    }

    // A plus is a space to some readers and itself to others.
    private static IEnumerable<string> Readings(string written)
    {
        string text = Decode(written, plusIsSpace: false)!;
        if (text.Length > 0)
        {
            yield return text;
        }

        if (written.Contains('+', StringComparison.Ordinal))
        {
            yield return Decode(written, plusIsSpace: true)!;
        }
    }

    private static string? Decode(string written, bool plusIsSpace)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(written.Length)];
        int length = 0;
        for (int i = 0; i < written.Length; i++)
        {
            char c = written[i];
            if (c == '%')
            {
                if (i + 2 >= written.Length || !char.IsAsciiHexDigit(written[i + 1]) || !char.IsAsciiHexDigit(written[i + 2]))
                {
                    return null;
                }

                bytes[length++] = Convert.ToByte(written.Substring(i + 1, 2), 16);
                i += 2;
            }
            else
            {
                length += Encoding.UTF8.GetBytes([c == '+' && plusIsSpace ? ' ' : c], bytes.AsSpan(length));
            }
        }

        return Utf8.IsValid(bytes.AsSpan(0, length)) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }
}
