using System.Text;
using System.Text.RegularExpressions;

namespace Muniment.Policy.Predicates.Values;

/// <summary>
/// Reads a Sigma text value: <c>*</c> and <c>?</c> are wildcards; a backslash before a wildcard or another backslash makes that one plain
/// (<c>\*</c> = star, <c>\\*</c> = backslash and wildcard); before anything else it is itself. Sigma specification, "Escaping".
/// </summary>
internal static partial class SigmaText
{
    private static readonly string[] Dashes = ["-", "/", "–", "—", "―"];

    public static List<PatternPiece> Read(string value)
    {
        var pieces = new List<PatternPiece>();
        var plain = new StringBuilder();
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            if (c == '\\' && i + 1 < value.Length && value[i + 1] is '\\' or '*' or '?')
            {
                plain.Append(value[++i]);
            }
            else if (c is '*' or '?')
            {
                if (plain.Length > 0)
                {
                    pieces.Add(PatternPiece.Plain(plain.ToString()));
                    plain.Clear();
                }

                pieces.Add(c == '*' ? PatternPiece.Any : PatternPiece.One);
            }
            else
            {
                plain.Append(c);
            }
        }

        if (plain.Length > 0)
        {
            pieces.Add(PatternPiece.Plain(plain.ToString()));
        }

        return pieces;
    }

    /// <summary>The plain text of a value without wildcards; null when it has any.</summary>
    public static string? Plain(string value)
    {
        List<PatternPiece> pieces = Read(value);
        return pieces.Count == 0 ? "" : pieces is [{ Text: { } text }] ? text : null;
    }

    /// <summary><c>windash</c>: the value with every dash or slash that begins an option written as each of the five characters Windows takes for one.</summary>
    public static IEnumerable<string> WindowsDashes(string value) => OptionDash().IsMatch(value)
        ? Dashes.Select(dash => OptionDash().Replace(value, dash))
        : [value];

    /// <summary><c>base64offset</c>: what the bytes become at each of the three places they can have in a base64 text, without the ends that depend on neighbours.</summary>
    public static IEnumerable<string> Base64Offsets(byte[] bytes)
    {
        int[] starts = [0, 2, 3];
        int[] ends = [0, 3, 2];
        for (int offset = 0; offset < 3; offset++)
        {
            string encoded = Convert.ToBase64String([.. new byte[offset], .. bytes]);
            yield return encoded[starts[offset]..^ends[(bytes.Length + offset) % 3]];
        }
    }

    [GeneratedRegex(@"\B[-/]\b", RegexOptions.CultureInvariant)]
    private static partial Regex OptionDash();
}
