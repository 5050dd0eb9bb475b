using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Muniment.Policy.Predicates;

/// <summary>Reads a rule document out of JSON, within <see cref="PredicateLimits"/>. A member that occurs twice is an error.</summary>
public static class RuleNodeJson
{
    /// <summary>Reads one document; <paramref name="root"/> is what paths begin with, such as <c>where</c>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, string root, out RuleNode? node, out PredicateError? error)
    {
        node = null;
        error = null;
        if (json.Length > PredicateLimits.MaxDocumentBytes || !Utf8.IsValid(json))
        {
            error = new PredicateError(root, 0, $"expected UTF-8 JSON of at most {PredicateLimits.MaxDocumentBytes} bytes");
            return false;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetString(json), new JsonDocumentOptions { MaxDepth = PredicateLimits.MaxDepth, AllowDuplicateProperties = false });
            int left = PredicateLimits.MaxNodes;
            node = Read(document.RootElement, root, ref left);
            if (left < 0)
            {
                node = null;
                error = new PredicateError(root, 0, $"expected at most {PredicateLimits.MaxNodes} values");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a lone surrogate escape, which the parser does not look at.
            error = new PredicateError(root, 0, $"expected a JSON object nested at most {PredicateLimits.MaxDepth} deep, each member once: {FirstSentence(e.Message)}");
        }

        return error is null;
    }

    private static RuleNode Read(JsonElement element, string path, ref int left)
    {
        left--;
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new List<RuleMember>();
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    if (left < 0)
                    {
                        break;
                    }

                    members.Add(new RuleMember(property.Name, Read(property.Value, $"{path}.{property.Name}", ref left)));
                }

                return RuleNode.Map(path, 0, members);
            case JsonValueKind.Array:
                var items = new List<RuleNode>();
                foreach (JsonElement item in element.EnumerateArray())
                {
                    if (left < 0)
                    {
                        break;
                    }

                    items.Add(Read(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{items.Count}]"), ref left));
                }

                return RuleNode.List(path, 0, items);
            case JsonValueKind.String:
                return RuleNode.Scalar(RuleNodeKind.Text, path, 0, element.GetString()!);
            case JsonValueKind.Number:
                return RuleNode.Scalar(RuleNodeKind.Number, path, 0, element.GetRawText());
            case JsonValueKind.True or JsonValueKind.False:
                return RuleNode.Scalar(RuleNodeKind.Boolean, path, 0, element.GetBoolean() ? "true" : "false");
            default:
                return RuleNode.Scalar(RuleNodeKind.Null, path, 0, "");
        }
    }

    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
