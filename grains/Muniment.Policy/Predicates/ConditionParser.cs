using System.Collections.Immutable;
using Muniment.Policy.Predicates.Matching;
using Muniment.Policy.Predicates.Values;

namespace Muniment.Policy.Predicates;

/// <summary>
/// Sigma's condition: names of selections, <c>not</c> before <c>and</c> before <c>or</c>, parentheses, <c>1 of x*</c>, <c>any of x*</c>, <c>all of x*</c>,
/// and <c>of them</c>, which leaves out names that begin with an underscore. Recursive descent with a depth limit.
/// </summary>
internal sealed class ConditionParser(string text, IReadOnlyDictionary<string, EventTest> selections)
{
    private readonly List<string> tokens = [];
    private int at;

    /// <summary>Set when <see cref="Parse"/> gave null.</summary>
    public string? Error { get; private set; }

    public EventTest? Parse()
    {
        if (text.Length > PredicateLimits.MaxConditionLength)
        {
            return Fail($"expected a condition of at most {PredicateLimits.MaxConditionLength} characters");
        }

        if (!Split())
        {
            return null;
        }

        EventTest? test = Or(0);
        if (test is not null && at < tokens.Count)
        {
            return Fail($"expected and, or or the end, found '{tokens[at]}'");
        }

        return test;
    }

    private EventTest? Or(int depth)
    {
        EventTest? first = And(depth);
        if (first is null || !Take("or"))
        {
            return first;
        }

        var tests = ImmutableArray.CreateBuilder<EventTest>();
        tests.Add(first);
        do
        {
            if (And(depth) is not { } next)
            {
                return null;
            }

            tests.Add(next);
        }
        while (Take("or"));
        return new AnyTest(tests.ToImmutable());
    }

    private EventTest? And(int depth)
    {
        EventTest? first = Not(depth);
        if (first is null || !Take("and"))
        {
            return first;
        }

        var tests = ImmutableArray.CreateBuilder<EventTest>();
        tests.Add(first);
        do
        {
            if (Not(depth) is not { } next)
            {
                return null;
            }

            tests.Add(next);
        }
        while (Take("and"));
        return new AllTest(tests.ToImmutable());
    }

    private EventTest? Not(int depth)
    {
        if (depth > PredicateLimits.MaxConditionDepth)
        {
            return Fail($"expected nesting of at most {PredicateLimits.MaxConditionDepth}");
        }

        if (Take("not"))
        {
            return Not(depth + 1) is { } test ? new NotTest(test) : null;
        }

        if (!Take("("))
        {
            return Operand();
        }

        EventTest? inner = Or(depth + 1);
        return inner is null || Take(")") ? inner : Fail("expected )");
    }

    private EventTest? Operand()
    {
        if (at == tokens.Count)
        {
            return Fail("expected the name of a selection, found the end");
        }

        string token = tokens[at];
        if (at + 1 < tokens.Count && tokens[at + 1].Equals("of", StringComparison.OrdinalIgnoreCase))
        {
            return Quantified(token);
        }

        at++;
        return selections.TryGetValue(token, out EventTest? test)
            ? test
            : Fail($"unknown selection '{token}', expected one of {string.Join(", ", selections.Keys)}");
    }

    private EventTest? Quantified(string quantity)
    {
        bool all = quantity.Equals("all", StringComparison.OrdinalIgnoreCase);
        if (!all && quantity != "1" && !quantity.Equals("any", StringComparison.OrdinalIgnoreCase))
        {
            return Fail($"expected 1, any or all before 'of', found '{quantity}'");
        }

        at += 2;
        if (at == tokens.Count)
        {
            return Fail("expected them or a pattern such as selection* after 'of'");
        }

        string pattern = tokens[at++];
        EventTest[] chosen = [.. selections.Where(s => IsChosen(s.Key, pattern)).Select(s => s.Value)];
        if (chosen.Length == 0)
        {
            return Fail($"no selection is named {pattern}");
        }

        return all ? new AllTest([.. chosen]) : new AnyTest([.. chosen]);
    }

    private static bool IsChosen(string name, string pattern) => pattern.Equals("them", StringComparison.OrdinalIgnoreCase)
        ? name[0] != '_'
        : new TextPattern(SigmaText.Read(pattern), TextPlace.Whole, cased: true).Matches(name);

    private bool Split()
    {
        for (int i = 0; i < text.Length;)
        {
            char c = text[i];
            if (char.IsWhiteSpace(c))
            {
                i++;
                continue;
            }

            if (c == '|')
            {
                Fail("aggregations after '|' are not supported, use a correlation rule");
                return false;
            }

            int start = i;
            if (c is '(' or ')')
            {
                i++;
            }
            else
            {
                while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] is '_' or '-' or '.' or '*'))
                {
                    i++;
                }
            }

            if (i == start)
            {
                Fail($"unexpected character '{c}' at {i}");
                return false;
            }

            tokens.Add(text[start..i]);
        }

        return true;
    }

    private bool Take(string word)
    {
        bool here = at < tokens.Count && tokens[at].Equals(word, StringComparison.OrdinalIgnoreCase);
        at += here ? 1 : 0;
        return here;
    }

    private EventTest? Fail(string message)
    {
        Error ??= message;
        return null;
    }
}
