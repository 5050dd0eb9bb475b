namespace Muniment.Policy.Predicates;

/// <summary>What a <see cref="RuleNode"/> is.</summary>
public enum RuleNodeKind : byte
{
    /// <summary>Named members in their order.</summary>
    Map,
    /// <summary>Items in their order.</summary>
    List,
    /// <summary>Text.</summary>
    Text,
    /// <summary>A number, as it was written.</summary>
    Number,
    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,
    /// <summary>Nothing.</summary>
    Null,
}

/// <summary>
/// A rule document as data, whether it came as JSON or YAML, with the place of every node for error messages. Deeply immutable.
/// </summary>
/// <param name="Kind">Which of the members below counts.</param>
/// <param name="Path">Where it stands, e.g. <c>where.selection.tool.name|contains[0]</c>.</param>
/// <param name="Line">Line in the document from 1, or 0 when not known.</param>
/// <param name="Text">Text, number as written, <c>true</c> or <c>false</c>.</param>
/// <param name="Members">Members of a map.</param>
/// <param name="Items">Items of a list.</param>
public sealed record RuleNode(RuleNodeKind Kind, string Path, int Line, string Text, IReadOnlyList<RuleMember> Members, IReadOnlyList<RuleNode> Items)
{
    /// <summary>Column in the line from 1, or 0 when not known.</summary>
    public int Column { get; init; }

    /// <summary>A scalar.</summary>
    public static RuleNode Scalar(RuleNodeKind kind, string path, int line, string text, int column = 0) => new(kind, path, line, text, [], []) { Column = column };

    /// <summary>A map.</summary>
    public static RuleNode Map(string path, int line, IReadOnlyList<RuleMember> members, int column = 0) => new(RuleNodeKind.Map, path, line, "", members, []) { Column = column };

    /// <summary>A list.</summary>
    public static RuleNode List(string path, int line, IReadOnlyList<RuleNode> items, int column = 0) => new(RuleNodeKind.List, path, line, "", [], items) { Column = column };

    /// <summary>Whether it is neither map nor list.</summary>
    public bool IsScalar => Kind is not (RuleNodeKind.Map or RuleNodeKind.List);

    /// <summary>The value of a member; null when there is none.</summary>
    public RuleNode? Find(string name)
    {
        foreach (RuleMember member in Members)
        {
            if (member.Name == name)
            {
                return member.Value;
            }
        }

        return null;
    }
}

/// <summary>One member of a map.</summary>
/// <param name="Name">Its name, unique in the map.</param>
/// <param name="Value">Its value.</param>
public sealed record RuleMember(string Name, RuleNode Value)
{
    /// <summary>Line of the name from 1, or 0 when not known.</summary>
    public int Line { get; init; }

    /// <summary>Column of the name from 1, or 0 when not known.</summary>
    public int Column { get; init; }
}
