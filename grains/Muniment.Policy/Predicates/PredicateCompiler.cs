using System.Collections.Immutable;
using Muniment.Policy.Predicates.Matching;
using Muniment.Policy.Predicates.Values;

namespace Muniment.Policy.Predicates;

/// <summary>Turns documents, selections and conditions into tests. One use, one thread. After the first error everything returns null.</summary>
internal sealed class PredicateCompiler(PredicateOptions options)
{
    private readonly ImmutableSortedSet<string>.Builder fields = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);

    public PredicateError? Error { get; private set; }

    public bool SearchesAll { get; private set; }

    /// <summary>Regular expressions so far.</summary>
    public int Regexes { get; set; }

    public ImmutableSortedSet<string> Fields => fields.ToImmutable();

    public EventTest? Compile(RuleNode document)
    {
        if (document.Kind == RuleNodeKind.Map && document.Find("condition") is { } condition)
        {
            return Named(document, condition);
        }

        return Selection(document, 0);
    }

    /// <summary>Notes the first error; always null, so that callers return it.</summary>
    public EventTest? Fail(RuleNode at, string message)
    {
        Error ??= new PredicateError(at.Path, at.Line, message) { Column = at.Column };
        return null;
    }

    /// <summary>The same, where a member's name is wrong and not its value.</summary>
    private EventTest? Fail(RuleMember at, string message)
    {
        Error ??= new PredicateError(at.Value.Path, at.Line > 0 ? at.Line : at.Value.Line, message) { Column = at.Line > 0 ? at.Column : at.Value.Column };
        return null;
    }

    private EventTest? Named(RuleNode document, RuleNode condition)
    {
        var selections = new Dictionary<string, EventTest>(StringComparer.Ordinal);
        foreach (RuleMember member in document.Members)
        {
            if (member.Name == "condition")
            {
                continue;
            }

            if (member.Name.Length == 0)
            {
                return Fail(member, "expected a name for each selection");
            }

            if (Selection(member.Value, 0) is not { } test)
            {
                return null;
            }

            selections.Add(member.Name, test);
        }

        if (condition.Kind == RuleNodeKind.List && condition.Items.Count > 0)
        {
            var alternatives = ImmutableArray.CreateBuilder<EventTest>();
            foreach (RuleNode item in condition.Items)
            {
                if (Condition(item, selections) is not { } test)
                {
                    return null;
                }

                alternatives.Add(test);
            }

            return new AnyTest(alternatives.ToImmutable());
        }

        return Condition(condition, selections);
    }

    private EventTest? Condition(RuleNode condition, Dictionary<string, EventTest> selections)
    {
        if (condition.Kind != RuleNodeKind.Text)
        {
            return Fail(condition, "expected a text such as: selection and not 1 of filter*");
        }

        var parser = new ConditionParser(condition.Text, selections);
        return parser.Parse() ?? Fail(condition, parser.Error!);
    }

    private EventTest? Selection(RuleNode node, int depth)
    {
        if (depth > PredicateLimits.MaxDepth)
        {
            return Fail(node, $"expected nesting of at most {PredicateLimits.MaxDepth}");
        }

        if (node.Kind == RuleNodeKind.Map)
        {
            return Map(node);
        }

        if (node.Kind == RuleNodeKind.List && node.Items.Count > 0)
        {
            return node.Items[0].IsScalar ? Keywords(node, node.Items, all: false) : Alternatives(node, depth);
        }

        return node.Kind is RuleNodeKind.Text or RuleNodeKind.Number
            ? Keywords(node, [node], all: false)
            : Fail(node, "expected a map of fields, a list of such maps, or a list of keywords");
    }

    private EventTest? Map(RuleNode node)
    {
        var tests = ImmutableArray.CreateBuilder<EventTest>(node.Members.Count);
        foreach (RuleMember member in node.Members)
        {
            if (Member(member) is not { } test)
            {
                return null;
            }

            tests.Add(test);
        }

        return tests.Count == 1 ? tests[0] : new AllTest(tests.ToImmutable());
    }

    private EventTest? Member(RuleMember member)
    {
        int bar = member.Name.IndexOf('|');
        string name = bar < 0 ? member.Name : member.Name[..bar];
        Modifiers modifiers = Modifiers.None;
        if (bar >= 0 && ModifierNames.Read(member.Name.AsSpan(bar + 1), out modifiers) is { } wrong)
        {
            return Fail(member, wrong);
        }

        IReadOnlyList<RuleNode> values = member.Value.Kind == RuleNodeKind.List ? member.Value.Items : [member.Value];
        if (values.Count == 0)
        {
            return Fail(member.Value, "expected at least one value");
        }

        if (name.Length == 0)
        {
            return modifiers is Modifiers.None or Modifiers.All
                ? Keywords(member.Value, values, modifiers == Modifiers.All)
                : Fail(member.Value, "keywords take no modifier but all");
        }

        if (options.Source(name) is not { } field)
        {
            return Fail(member, $"unknown field '{name}', expected a canonical field such as actor.id, tool.name or details.X{(options.IsDecision ? ", or content or tool.args.X" : "")}");
        }

        fields.Add(field.Name);
        return new ItemCompiler(this, options, fields, field, modifiers).Compile(member.Value, values);
    }

    private EventTest? Keywords(RuleNode at, IReadOnlyList<RuleNode> items, bool all)
    {
        var tests = ImmutableArray.CreateBuilder<ValueTest>(items.Count);
        foreach (RuleNode item in items)
        {
            if (item.Kind is not (RuleNodeKind.Text or RuleNodeKind.Number) || item.Text.Length is 0 or > PredicateLimits.MaxTextLength)
            {
                return Fail(item, $"expected a keyword of 1 to {PredicateLimits.MaxTextLength} characters");
            }

            List<PatternPiece> pieces = SigmaText.Read(item.Text);
            if (pieces.Count(p => p.Text is null) > PredicateLimits.MaxWildcards)
            {
                return Fail(item, $"expected at most {PredicateLimits.MaxWildcards} wildcards");
            }

            tests.Add(new TextTest(new TextPattern(pieces, TextPlace.Anywhere, cased: false)));
        }

        SearchesAll = true;
        return tests.Count == 0 ? Fail(at, "expected at least one keyword") : new KeywordTest(tests.ToImmutable(), all);
    }

    private EventTest? Alternatives(RuleNode node, int depth)
    {
        var tests = ImmutableArray.CreateBuilder<EventTest>(node.Items.Count);
        foreach (RuleNode item in node.Items)
        {
            if (item.IsScalar)
            {
                return Fail(item, "expected a map like its neighbours");
            }

            if (Selection(item, depth + 1) is not { } test)
            {
                return null;
            }

            tests.Add(test);
        }

        return new AnyTest(tests.ToImmutable());
    }
}
