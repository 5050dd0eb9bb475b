using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Muniment.Policy.Predicates;

namespace Muniment.Policy.Documents.Reading;

/// <summary>
/// Writes nodes as JSON in one way only: no spaces, members sorted by UTF-16 code units, texts escaped as RFC 8785 (3.2.2.2) has it, numbers as they were written.
/// Written by hand because digests rest on it and must not change with a library.
/// </summary>
internal static class CanonicalJson
{
    /// <summary>The whole node, but for a member of the outermost map.</summary>
    public static string Write(RuleNode node, string leftOut)
    {
        var text = new StringBuilder();
        Write(node, text, leftOut);
        return text.ToString();
    }

    /// <summary><c>sha256:…</c></summary>
    public static string Digest(string json) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));

    private static void Write(RuleNode node, StringBuilder text, string? leftOut)
    {
        switch (node.Kind)
        {
            case RuleNodeKind.Map:
                char before = '{';
                foreach (RuleMember member in node.Members.Where(m => m.Name != leftOut).OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    text.Append(before);
                    Quote(member.Name, text);
                    text.Append(':');
                    Write(member.Value, text, null);
                    before = ',';
                }

                text.Append(before == '{' ? "{}" : "}");
                break;
            case RuleNodeKind.List:
                text.Append('[');
                for (int i = 0; i < node.Items.Count; i++)
                {
                    text.Append(i == 0 ? "" : ",");
                    Write(node.Items[i], text, null);
                }

                text.Append(']');
                break;
            case RuleNodeKind.Text:
                Quote(node.Text, text);
                break;
            case RuleNodeKind.Null:
                text.Append("null");
                break;
            default:
                text.Append(node.Text);
                break;
        }
    }

    private static void Quote(string value, StringBuilder text)
    {
        text.Append('"');
        foreach (char c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\t' => text.Append("\\t"),
                '\n' => text.Append("\\n"),
                '\f' => text.Append("\\f"),
                '\r' => text.Append("\\r"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }
}
