using System.Collections.Immutable;
using System.Globalization;
using Muniment.Policy.Predicates;

namespace Muniment.Policy.Documents.Reading;

/// <summary>Reads the members of one map and notes what is wrong; a member that is wrong reads as if it were not there.</summary>
internal sealed class MapReader
{
    private readonly RuleNode map;
    private readonly ErrorList errors;

    public MapReader(RuleNode map, ErrorList errors, IReadOnlyList<string> keys)
    {
        this.map = map;
        this.errors = errors;
        foreach (RuleMember member in map.Members)
        {
            if (!keys.Contains(member.Name))
            {
                errors.Add(member, $"unknown key '{Short(member.Name)}', expected one of {string.Join(", ", keys)}");
            }
        }
    }

    public RuleNode? Find(string name) => map.Find(name);

    public string? Text(string name, int maxLength)
    {
        if (map.Find(name) is not { } node)
        {
            return null;
        }

        if (node.Kind == RuleNodeKind.Text && node.Text.Length > 0 && node.Text.Length <= maxLength)
        {
            return node.Text;
        }

        errors.Add(node, $"expected a text of 1 to {maxLength} characters");
        return null;
    }

    public bool? Flag(string name)
    {
        if (map.Find(name) is not { } node)
        {
            return null;
        }

        if (node.Kind == RuleNodeKind.Boolean)
        {
            return node.Text == "true";
        }

        errors.Add(node, "expected true or false");
        return null;
    }

    public T? Word<T>(string name, (string Word, T Value)[] words)
        where T : struct
    {
        if (map.Find(name) is not { } node)
        {
            return null;
        }

        foreach ((string word, T value) in words)
        {
            if (node.Kind == RuleNodeKind.Text && node.Text == word)
            {
                return value;
            }
        }

        errors.Add(node, $"expected one of {string.Join(", ", words.Select(w => w.Word))}{(node.IsScalar ? $", found '{Short(node.Text)}'" : "")}");
        return null;
    }

    public long? Integer(string name, long min, long max)
    {
        if (map.Find(name) is not { } node)
        {
            return null;
        }

        if (node.Kind == RuleNodeKind.Number && long.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= min && value <= max)
        {
            return value;
        }

        errors.Add(node, string.Create(CultureInfo.InvariantCulture, $"expected a whole number from {min} to {max}"));
        return null;
    }

    /// <summary>A list of texts; one text alone stands for a list of one.</summary>
    public ImmutableArray<string> Texts(string name)
    {
        if (map.Find(name) is not { } node)
        {
            return [];
        }

        IReadOnlyList<RuleNode> items = node.Kind == RuleNodeKind.List ? node.Items : [node];
        if (items.Count is 0 or > PolicyLimits.MaxListLength)
        {
            errors.Add(node, $"expected a list of 1 to {PolicyLimits.MaxListLength}");
            return [];
        }

        var texts = ImmutableArray.CreateBuilder<string>(items.Count);
        foreach (RuleNode item in items)
        {
            if (item.Kind == RuleNodeKind.Text && item.Text.Length is > 0 and <= PolicyLimits.MaxNameLength)
            {
                texts.Add(item.Text);
            }
            else
            {
                errors.Add(item, $"expected a text of 1 to {PolicyLimits.MaxNameLength} characters");
            }
        }

        return texts.ToImmutable();
    }

    /// <summary>The id of a rule or limit.</summary>
    public string Id(HashSet<string> taken)
    {
        string? id = Text("id", PolicyLimits.MaxNameLength);
        if (id is null)
        {
            if (map.Find("id") is null)
            {
                errors.Add(map, "expected an id");
            }

            return "";
        }

        if (id.AsSpan().ContainsAnyExcept(IdCharacters))
        {
            errors.Add(map.Find("id")!, "expected an id of letters, digits, _, -, . and :");
        }
        else if (id is Evaluation.PolicyReference.DefaultRule or Evaluation.PolicyReference.UncoveredRule)
        {
            errors.Add(map.Find("id")!, $"'{id}' names what holds without a rule, expected another id");
        }
        else if (!taken.Add(id))
        {
            errors.Add(map.Find("id")!, $"expected an id of its own, '{id}' is taken");
        }

        return id;
    }

    public static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";

    private static readonly System.Buffers.SearchValues<char> IdCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:");
}
