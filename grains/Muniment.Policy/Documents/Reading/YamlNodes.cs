using System.Globalization;
using Muniment.Policy.Predicates;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Muniment.Policy.Documents.Reading;

/// <summary>
/// Reads one YAML document with the line and column of every node, by the core schema of YAML 1.2 (<c>on</c>, <c>yes</c> and dates are texts). Anchors and aliases
/// are understood, and an alias counts with all it stands for; merge keys, own tags and several documents are refused.
/// </summary>
internal sealed class YamlNodes(string text)
{
    private const string TagPrefix = "tag:yaml.org,2002:";

    private readonly Parser parser = new(new StringReader(text));
    private readonly NodeBudget budget = new();
    private readonly Dictionary<string, RuleNode> anchors = new(StringComparer.Ordinal);

    public DocumentNodes Read()
    {
        try
        {
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                return new DocumentNodes(null, new PolicyError(1, 1, "", "expected a policy, found nothing"));
            }

            RuleNode root = Node("", 0);
            parser.Consume<DocumentEnd>();
            if (parser.Accept<DocumentStart>(out DocumentStart? second))
            {
                return new DocumentNodes(null, new PolicyError((int)second.Start.Line, (int)second.Start.Column, "", "expected one document"));
            }

            return new DocumentNodes(root, null);
        }
        catch (UnreadableException e)
        {
            return new DocumentNodes(null, e.Error);
        }
        catch (YamlException e)
        {
            return new DocumentNodes(null, new PolicyError((int)e.Start.Line, (int)e.Start.Column, "", "expected YAML or JSON: " + e.Message));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException or InvalidCastException)
        {
            // What the library throws at broken input beside its own kind.
            Mark at = parser.Current?.Start ?? Mark.Empty;
            return new DocumentNodes(null, new PolicyError((int)at.Line, (int)at.Column, "", "expected YAML or JSON: " + e.Message));
        }
    }

    private RuleNode Node(string path, int depth)
    {
        ParsingEvent at = parser.Current is null && !parser.MoveNext() ? throw new EndOfStreamYamlException() : parser.Current!;
        if (budget.Take(depth) is { } wrong)
        {
            throw Unreadable(at, path, wrong);
        }

        if (parser.TryConsume<AnchorAlias>(out AnchorAlias? alias))
        {
            return anchors.TryGetValue(alias.Value.Value, out RuleNode? target)
                ? Copy(target, path, alias, depth)
                : throw Unreadable(alias, path, $"unknown alias *{alias.Value.Value}, expected an anchor that stands before it and is complete");
        }

        RuleNode node = parser.Current switch
        {
            Scalar => Value(parser.Consume<Scalar>(), path),
            SequenceStart => List(path, depth),
            MappingStart => Map(path, depth),
            _ => throw Unreadable(at, path, "expected a value"),
        };
        if (at is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            anchors[anchored.Anchor.Value] = node;
        }

        return node;
    }

    private RuleNode List(string path, int depth)
    {
        SequenceStart start = parser.Consume<SequenceStart>();
        Untagged(start, path, "seq");
        var items = new List<RuleNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Node(string.Create(CultureInfo.InvariantCulture, $"{path}[{items.Count}]"), depth + 1));
        }

        return RuleNode.List(path, (int)start.Start.Line, items, (int)start.Start.Column);
    }

    private RuleNode Map(string path, int depth)
    {
        MappingStart start = parser.Consume<MappingStart>();
        Untagged(start, path, "map");
        var members = new List<RuleMember>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out Scalar? key))
            {
                throw Unreadable(parser.Current!, path, "expected a plain name as key");
            }

            string inner = path.Length == 0 ? key.Value : path + "." + key.Value;
            if (key.Value == "<<" && key.Style == ScalarStyle.Plain)
            {
                throw Unreadable(key, inner, "merge keys are not supported, write the members out");
            }

            Untagged(key, inner, "str");
            if (!names.Add(Sound(key, inner)))
            {
                throw Unreadable(key, inner, "expected each member once");
            }

            members.Add(new RuleMember(key.Value, Node(inner, depth + 1)) { Line = (int)key.Start.Line, Column = (int)key.Start.Column });
        }

        return RuleNode.Map(path, (int)start.Start.Line, members, (int)start.Start.Column);
    }

    private static RuleNode Value(Scalar scalar, string path)
    {
        string? tag = scalar.Tag.IsEmpty ? null : scalar.Tag.Value;
        if (tag is not null && tag != "!" && !(tag.StartsWith(TagPrefix, StringComparison.Ordinal) && tag[TagPrefix.Length..] is "str" or "int" or "float" or "bool" or "null"))
        {
            throw Unreadable(scalar, path, $"unknown tag {tag}, expected none");
        }

        string value = Sound(scalar, path);
        bool isText = tag is "!" or TagPrefix + "str" || (tag is null && scalar.Style != ScalarStyle.Plain);
        (RuleNodeKind kind, string written) = isText ? (RuleNodeKind.Text, value) : CoreSchema.Resolve(value);
        if (tag is not (null or "!") && tag[TagPrefix.Length..] != kind switch
        {
            RuleNodeKind.Text => "str",
            RuleNodeKind.Boolean => "bool",
            RuleNodeKind.Null => "null",
            _ => tag[TagPrefix.Length..] is "float" ? "float" : "int",
        })
        {
            throw Unreadable(scalar, path, $"expected a value of tag {tag}");
        }

        return RuleNode.Scalar(kind, path, (int)scalar.Start.Line, written, (int)scalar.Start.Column);
    }

    private RuleNode Copy(RuleNode node, string path, AnchorAlias at, int depth)
    {
        var items = new List<RuleNode>(node.Items.Count);
        foreach (RuleNode item in node.Items)
        {
            items.Add(Inner(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{items.Count}]")));
        }

        var members = new List<RuleMember>(node.Members.Count);
        foreach (RuleMember member in node.Members)
        {
            members.Add(member with { Value = Inner(member.Value, path.Length == 0 ? member.Name : path + "." + member.Name) });
        }

        return node with { Path = path, Items = items, Members = members };

        RuleNode Inner(RuleNode inner, string innerPath) => budget.Take(depth + 1) is { } wrong ? throw Unreadable(at, path, wrong) : Copy(inner, innerPath, at, depth + 1);
    }

    private static void Untagged(NodeEvent node, string path, string usual)
    {
        if (!node.Tag.IsEmpty && node.Tag.Value != "!" && node.Tag.Value != TagPrefix + usual)
        {
            throw Unreadable(node, path, $"unknown tag {node.Tag.Value}, expected none");
        }
    }

    /// <summary>The text, which has no half surrogate pairs.</summary>
    private static string Sound(Scalar scalar, string path)
    {
        string value = scalar.Value;
        for (int i = value.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < value.Length; i++)
        {
            if (char.IsHighSurrogate(value[i]) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(value[i]))
            {
                throw Unreadable(scalar, path, "expected text without half a surrogate pair");
            }
        }

        return value;
    }

    private static UnreadableException Unreadable(ParsingEvent at, string path, string message) => new((int)at.Start.Line, (int)at.Start.Column, path, message);

    /// <summary>The stream ends where a value must stand.</summary>
    private sealed class EndOfStreamYamlException() : YamlException("expected a value, found the end");
}
