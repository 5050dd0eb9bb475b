using Muniment.Policy.Predicates;

namespace Muniment.Policy.Documents.Reading;

/// <summary>A document as nodes, whichever way it was written, or why it could not be read.</summary>
internal readonly record struct DocumentNodes(RuleNode? Root, PolicyError? Error)
{
    /// <summary>JSON when it begins like JSON and is JSON, else YAML (a YAML flow map begins like JSON too).</summary>
    public static DocumentNodes Read(string text)
    {
        ReadOnlySpan<char> start = text.AsSpan().TrimStart("\uFEFF \t\r\n");
        if (start.IsEmpty || start[0] != '{')
        {
            return new YamlNodes(text).Read();
        }

        DocumentNodes json = JsonNodes.Read(text);
        if (json.Root is not null)
        {
            return json;
        }

        DocumentNodes yaml = new YamlNodes(text).Read();
        return yaml.Root is null ? json : yaml;
    }
}

/// <summary>Counts nodes down and refuses what nests too deep.</summary>
internal sealed class NodeBudget
{
    private int left = PolicyLimits.MaxNodes;

    /// <summary>Null when one more node at this depth is within the limits, else what was expected.</summary>
    public string? Take(int depth)
    {
        if (depth > PolicyLimits.MaxDepth)
        {
            return $"expected nesting of at most {PolicyLimits.MaxDepth}";
        }

        return --left < 0 ? $"expected at most {PolicyLimits.MaxNodes} values, aliases counted with all they stand for" : null;
    }
}

/// <summary>The document cannot be read on. Caught where reading begins.</summary>
internal sealed class UnreadableException(int line, int column, string field, string message) : Exception(message)
{
    public PolicyError Error { get; } = new(line, column, field, message);
}
