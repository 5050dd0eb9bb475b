using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Muniment.Events;
using Muniment.Events.Canonical.Fields;
using Muniment.Policy.Predicates.Matching;
using Muniment.Policy.Predicates.Values;

namespace Muniment.Policy.Predicates;

/// <summary>Compiles one member of a selection: a field, its modifiers and its values.</summary>
internal sealed class ItemCompiler(PredicateCompiler compiler, PredicateOptions options, ISet<string> named, FieldSource field, Modifiers modifiers)
{
    private readonly bool all = modifiers.HasFlag(Modifiers.All);
    private readonly bool cased = modifiers.HasFlag(Modifiers.Cased);

    public EventTest? Compile(RuleNode at, IReadOnlyList<RuleNode> values)
    {
        EventTest? test = modifiers.HasFlag(Modifiers.Exists) ? Exists(values)
            : modifiers.HasFlag(Modifiers.FieldReference) ? References(values)
            : Values(at, values);
        return test is not null && modifiers.HasFlag(Modifiers.NotEqual) ? new NotTest(test) : test;
    }

    private TextPlace Place =>
        modifiers.HasFlag(Modifiers.Contains) ? TextPlace.Anywhere
        : modifiers.HasFlag(Modifiers.StartsWith) ? TextPlace.Start
        : modifiers.HasFlag(Modifiers.EndsWith) ? TextPlace.End
        : TextPlace.Whole;

    private EventTest? Exists(IReadOnlyList<RuleNode> values) => values is [{ Kind: RuleNodeKind.Boolean } value]
        ? new ExistsTest(field, value.Text == "true")
        : compiler.Fail(values[0], "expected true or false");

    private EventTest? References(IReadOnlyList<RuleNode> values)
    {
        var tests = ImmutableArray.CreateBuilder<EventTest>(values.Count);
        foreach (RuleNode value in values)
        {
            if (value.Kind != RuleNodeKind.Text || options.Source(value.Text) is not { } other)
            {
                return compiler.Fail(value, $"expected the name of a field, found '{value.Text}'");
            }

            named.Add(other.Name);
            tests.Add(new FieldReferenceTest(field, other, Place, cased));
        }

        return all ? new AllTest(tests.ToImmutable()) : new AnyTest(tests.ToImmutable());
    }

    private EventTest? Values(RuleNode at, IReadOnlyList<RuleNode> values)
    {
        var groups = new List<ImmutableArray<ValueTest>>(values.Count);
        foreach (RuleNode value in values)
        {
            ImmutableArray<ValueTest> tests = Variants(value);
            if (tests.IsDefaultOrEmpty)
            {
                return null;
            }

            groups.Add(tests);
        }

        if (groups.Sum(g => g.Length) > PredicateLimits.MaxNodes)
        {
            return compiler.Fail(at, $"expected at most {PredicateLimits.MaxNodes} values, windash and base64offset counted");
        }

        ImmutableArray<TermClause> clauses = new TermPlanner(field, modifiers).Clauses(values);
        if (all && groups.Exists(g => g.Length > 1))
        {
            // Each value has variants of which one is enough, but every value must be there.
            return new AllTest([.. groups.Select(g => new FieldTest(field, g, all: false, []))]);
        }

        return new FieldTest(field, [.. groups.SelectMany(g => g)], all, clauses);
    }

    /// <summary>The tests of which one must hold for a value; empty after an error.</summary>
    private ImmutableArray<ValueTest> Variants(RuleNode value)
    {
        if (!value.IsScalar)
        {
            compiler.Fail(value, "expected a value, not a map or list");
            return [];
        }

        if (value.Text.Length > PredicateLimits.MaxTextLength)
        {
            compiler.Fail(value, $"expected at most {PredicateLimits.MaxTextLength} characters");
            return [];
        }

        if ((modifiers & Modifiers.TimeParts) != 0)
        {
            return One(TimePart(value));
        }

        if ((modifiers & Modifiers.Comparisons) != 0)
        {
            return One(Comparison(value));
        }

        if (modifiers.HasFlag(Modifiers.Regex))
        {
            return One(Regular(value));
        }

        if (modifiers.HasFlag(Modifiers.Network))
        {
            return One(Network(value));
        }

        return value.Kind == RuleNodeKind.Text || (modifiers & ~(Modifiers.All | Modifiers.NotEqual)) != 0 ? Texts(value) : One(Plain(value));
    }

    private static ImmutableArray<ValueTest> One(ValueTest? test) => test is null ? [] : [test];

    private static ValueTest Plain(RuleNode value) => value.Kind switch
    {
        RuleNodeKind.Null => new NullTest(),
        RuleNodeKind.Boolean => new FlagTest(value.Text == "true"),
        _ => new NumberTest(value.Text),
    };

    private ImmutableArray<ValueTest> Texts(RuleNode value)
    {
        if (value.Kind == RuleNodeKind.Null)
        {
            compiler.Fail(value, "null takes no modifier but neq");
            return [];
        }

        IEnumerable<string> texts = [value.Text];
        if (modifiers.HasFlag(Modifiers.WindowsDash))
        {
            texts = texts.SelectMany(SigmaText.WindowsDashes);
        }

        var tests = ImmutableArray.CreateBuilder<ValueTest>();
        foreach (string text in texts)
        {
            if ((modifiers & (Modifiers.Base64 | Modifiers.Base64Offset)) == 0)
            {
                List<PatternPiece> pieces = SigmaText.Read(text);
                if (pieces.Count(p => p.Text is null) > PredicateLimits.MaxWildcards)
                {
                    compiler.Fail(value, $"expected at most {PredicateLimits.MaxWildcards} wildcards");
                    return [];
                }

                tests.Add(new TextTest(new TextPattern(pieces, Place, cased)));
                continue;
            }

            if (SigmaText.Plain(text) is not { Length: > 0 } plain)
            {
                compiler.Fail(value, "expected a non-empty text without wildcards, because it is encoded");
                return [];
            }

            byte[] bytes = Bytes(plain);
            IEnumerable<string> encoded = modifiers.HasFlag(Modifiers.Base64) ? [Convert.ToBase64String(bytes)] : SigmaText.Base64Offsets(bytes);
            tests.AddRange(encoded.Select(e => new TextTest(new TextPattern([PatternPiece.Plain(e)], Place, cased: true))));
        }

        return tests.ToImmutable();
    }

    /// <summary>The bytes that are encoded: UTF-8, or as <c>wide</c> and its kin say.</summary>
    private byte[] Bytes(string plain) => (modifiers & Modifiers.Encodings) switch
    {
        Modifiers.Utf16LittleEndian => Encoding.Unicode.GetBytes(plain),
        Modifiers.Utf16BigEndian => Encoding.BigEndianUnicode.GetBytes(plain),
        Modifiers.Utf16 => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(plain)],
        _ => Encoding.UTF8.GetBytes(plain),
    };

    private ValueTest? TimePart(RuleNode value)
    {
        if (field.Type is not (FieldType.Time or FieldType.Any))
        {
            compiler.Fail(value, $"minute, hour, day, week, month and year are of a time, which {field.Name} is not");
            return null;
        }

        if (value.Kind == RuleNodeKind.Number && int.TryParse(value.Text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int part))
        {
            return new TimePartTest(modifiers & Modifiers.TimeParts, Order, part);
        }

        compiler.Fail(value, "expected a whole number");
        return null;
    }

    private Comparison? Order => (modifiers & Modifiers.Comparisons) switch
    {
        Modifiers.Greater => Predicates.Values.Comparison.Greater,
        Modifiers.GreaterOrEqual => Predicates.Values.Comparison.GreaterOrEqual,
        Modifiers.Less => Predicates.Values.Comparison.Less,
        Modifiers.LessOrEqual => Predicates.Values.Comparison.LessOrEqual,
        _ => null,
    };

    private ValueTest? Regular(RuleNode value)
    {
        if (value.Kind != RuleNodeKind.Text || value.Text.Length is 0 or > PredicateLimits.MaxRegexLength)
        {
            compiler.Fail(value, $"expected a regular expression of 1 to {PredicateLimits.MaxRegexLength} characters");
            return null;
        }

        if (++compiler.Regexes > PredicateLimits.MaxRegexes)
        {
            compiler.Fail(value, $"expected at most {PredicateLimits.MaxRegexes} regular expressions");
            return null;
        }

        RegexOptions regexOptions = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant
            | (modifiers.HasFlag(Modifiers.IgnoreCase) ? RegexOptions.IgnoreCase : 0)
            | (modifiers.HasFlag(Modifiers.MultiLine) ? RegexOptions.Multiline : 0)
            | (modifiers.HasFlag(Modifiers.SingleLine) ? RegexOptions.Singleline : 0);
        try
        {
            return new RegexTest(new Regex(value.Text, regexOptions));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            compiler.Fail(value, $"expected a regular expression without look-around and back-references: {e.Message}");
            return null;
        }
    }

    private ValueTest? Network(RuleNode value)
    {
        if (value.Kind == RuleNodeKind.Text && IPNetwork.TryParse(value.Text, out IPNetwork network))
        {
            return new NetworkTest(network);
        }

        compiler.Fail(value, $"expected a network such as 10.0.0.0/8 or 2001:db8::/32, found '{value.Text}'");
        return null;
    }

    private ValueTest? Comparison(RuleNode value)
    {
        Comparison comparison = Order!.Value;
        if (field.Type == FieldType.Level)
        {
            int rank = field.Words!.Rank(field.Words.Find(value.Text.ToLowerInvariant()));
            if (rank >= 0)
            {
                return new LevelComparison(comparison, field.Words, rank);
            }

            compiler.Fail(value, $"expected {field.Words.Expected}, found '{value.Text}'");
            return null;
        }

        if (value.Kind == RuleNodeKind.Number && field.Type != FieldType.Time)
        {
            return new NumberComparison(comparison, FieldValue.OfNumber(value.Text));
        }

        if (value.Kind == RuleNodeKind.Text && field.Type is FieldType.Time or FieldType.Any && Timestamps.TryParse(value.Text, out long ns))
        {
            return new TimeComparison(comparison, ns);
        }

        if (value.Kind == RuleNodeKind.Text && field.Type != FieldType.Time
            && double.TryParse(value.Text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _))
        {
            return new NumberComparison(comparison, FieldValue.OfNumber(value.Text));
        }

        compiler.Fail(value, field.Type == FieldType.Time ? $"expected {Timestamps.Expected}" : "expected a number");
        return null;
    }
}
