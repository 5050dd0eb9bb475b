using System.Text;
using System.Text.Json;
using Muniment.Policy.Redaction;

namespace Muniment.Policy.Evaluation;

/// <summary>
/// JSON inside of texts, decoded: arguments of tools and lines of files hold strings whose escapes (<c>\u0066orbidden</c>) a condition on the text as it is written does not see through. What is
/// not escaped is a part of the text already and is not given again.
/// </summary>
internal static class NestedTexts
{
    /// <summary>How often JSON may lie in a string of JSON and still be read as such.</summary>
    public const int MaxDepth = 4;

    /// <summary>Most texts in all; whoever asks must take more of them for a content that cannot be read.</summary>
    public const int MaxTexts = 100_000;

    /// <summary>Adds the escaped strings and names in a text that is JSON, or has lines that are.</summary>
    public static void Add(string text, ref List<string>? found, int depth = 0)
    {
        if (depth == MaxDepth || !text.Contains('\\', StringComparison.Ordinal))
        {
            return;
        }

        if (LooksLikeJson(text))
        {
            if (TryAdd(text, ref found, depth) || depth > 0)
            {
                return;
            }
        }

        if (text.Contains('\n', StringComparison.Ordinal))
        {
            foreach (Range range in text.AsSpan().Split('\n'))
            {
                if (text.AsSpan(range).Contains('\\') && LooksLikeJson(text.AsSpan(range)))
                {
                    TryAdd(text[range], ref found, depth);
                }
            }
        }
    }

    private static bool TryAdd(string text, ref List<string>? found, int depth)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { MaxDepth = JsonPath.MaxDepth });
        int before = found?.Count ?? 0;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    if (found?.Count > MaxTexts)
                    {
                        return true;
                    }

                    char[] target = new char[reader.ValueSpan.Length];
                    string inner = new(target, 0, JsonWalk.Leniently(reader.ValueSpan, target)); // also where half a surrogate pair stands
                    (found ??= []).Add(inner);
                    Add(inner, ref found, depth + 1);
                }
            }

            return true;
        }
        catch (JsonException)
        {
            // It only looked like JSON: what was found of it is left out again.
            found?.RemoveRange(before, found.Count - before);
            return false;
        }
    }

    private static bool LooksLikeJson(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        return text is ['{', .., '}'] or ['[', .., ']'];
    }
}
