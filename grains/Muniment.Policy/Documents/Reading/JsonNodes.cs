using System.Globalization;
using System.Text;
using System.Text.Json;
using Muniment.Policy.Predicates;

namespace Muniment.Policy.Documents.Reading;

/// <summary>Reads JSON with the line and column of every node.</summary>
internal ref struct JsonNodes
{
    private readonly ReadOnlySpan<byte> json;
    private readonly NodeBudget budget = new();
    private Utf8JsonReader reader;
    private int position;
    private int line = 1;
    private int column = 1;

    private JsonNodes(ReadOnlySpan<byte> json)
    {
        this.json = json;
        reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = PolicyLimits.MaxDepth + 2 });
    }

    public static DocumentNodes Read(string text)
    {
        var nodes = new JsonNodes(Encoding.UTF8.GetBytes(text.TrimStart('\uFEFF')));
        try
        {
            nodes.reader.Read();
            RuleNode root = nodes.Node("", 0);
            nodes.reader.Read(); // Throws when something follows.
            return new DocumentNodes(root, null);
        }
        catch (UnreadableException e)
        {
            return new DocumentNodes(null, e.Error);
        }
        catch (JsonException e)
        {
            string message = e.Message;
            int end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            int near = message.IndexOf(". ", StringComparison.Ordinal);
            string first = message[..(near > 0 ? near : end > 0 ? end : message.Length)];
            return new DocumentNodes(null, new PolicyError((int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1, "", "expected JSON: " + first));
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate escape, which the reader does not look at.
            return new DocumentNodes(null, new PolicyError(nodes.line, nodes.column, "", "expected text without half a surrogate pair"));
        }
    }

    private RuleNode Node(string path, int depth)
    {
        (int at, int atColumn) = Where();
        if (budget.Take(depth) is { } wrong)
        {
            throw new UnreadableException(at, atColumn, path, wrong);
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return RuleNode.Map(path, at, Members(path, depth), atColumn);
            case JsonTokenType.StartArray:
                var items = new List<RuleNode>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Node(string.Create(CultureInfo.InvariantCulture, $"{path}[{items.Count}]"), depth + 1));
                }

                return RuleNode.List(path, at, items, atColumn);
            case JsonTokenType.String:
                return RuleNode.Scalar(RuleNodeKind.Text, path, at, reader.GetString()!, atColumn);
            case JsonTokenType.Number:
                return RuleNode.Scalar(RuleNodeKind.Number, path, at, Encoding.ASCII.GetString(reader.ValueSpan), atColumn);
            case JsonTokenType.True or JsonTokenType.False:
                return RuleNode.Scalar(RuleNodeKind.Boolean, path, at, reader.TokenType == JsonTokenType.True ? "true" : "false", atColumn);
            default:
                return RuleNode.Scalar(RuleNodeKind.Null, path, at, "", atColumn);
        }
    }

    private List<RuleMember> Members(string path, int depth)
    {
        var members = new List<RuleMember>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            (int at, int atColumn) = Where();
            string name = reader.GetString()!;
            string inner = path.Length == 0 ? name : path + "." + name;
            if (!names.Add(name))
            {
                throw new UnreadableException(at, atColumn, inner, "expected each member once");
            }

            reader.Read();
            members.Add(new RuleMember(name, Node(inner, depth + 1)) { Line = at, Column = atColumn });
        }

        return members;
    }

    /// <summary>Line and column of the current token; tokens come in their order, so one pass over the bytes is enough.</summary>
    private (int Line, int Column) Where()
    {
        int to = (int)reader.TokenStartIndex;
        for (; position < to; position++)
        {
            if (json[position] == '\n')
            {
                (line, column) = (line + 1, 1);
            }
            else if ((json[position] & 0xC0) != 0x80)
            {
                column++;
            }
        }

        return (line, column);
    }
}
