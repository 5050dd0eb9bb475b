using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Muniment.Events.Canonical;
using Muniment.Policy.Predicates.Matching;

namespace Muniment.Policy.Predicates;

/// <summary>
/// The one predicate language of the platform: Sigma's selection syntax (github.com/SigmaHQ/sigma-specification), compiled once, over canonical events.
/// A document is a selection (map = and, list of maps = or, list of texts = keywords), or named selections with a <c>condition</c>. Immutable; safe to
/// share between threads.
/// </summary>
public sealed class Predicate
{
    private readonly EventTest test;

    internal Predicate(EventTest test, ImmutableSortedSet<string> fields, bool searchesAll, int regexes)
    {
        this.test = test;
        Regexes = regexes;
        Fields = fields;
        SearchesAll = searchesAll;
        RequiredTerms = [.. test.Clauses.Select(c => c.Terms)];
    }

    /// <summary>Every field that is named, also by <c>fieldref</c>.</summary>
    public ImmutableSortedSet<string> Fields { get; }

    /// <summary>Whether it has keywords, which look at the whole event.</summary>
    public bool SearchesAll { get; }

    /// <summary>How many regular expressions it has.</summary>
    public int Regexes { get; }

    /// <summary>
    /// What the term index can be asked before an event is looked at: of each inner list an event that matches has at least one term. Empty when nothing
    /// follows. Only equalities whose letters' case cannot differ count, because comparing is case-insensitive and terms are not.
    /// </summary>
    public ImmutableArray<ImmutableArray<PredicateTerm>> RequiredTerms { get; }

    /// <summary>Whether an event matches.</summary>
    public bool Matches(CanonicalEvent e) => test.Test(new PredicateSubject(e)) == Truth.True;

    /// <summary>Whether a decision's subject matches; unknown when that hangs on something that cannot be read.</summary>
    internal Truth Test(in PredicateSubject subject) => test.Test(subject);

    /// <summary>Compiles a document; false with the first error.</summary>
    public static bool TryCompile(RuleNode document, [NotNullWhen(true)] out Predicate? predicate, [NotNullWhen(false)] out PredicateError? error) =>
        TryCompile(document, PredicateOptions.Events, out predicate, out error);

    /// <summary>Compiles a document over other fields than the canonical ones; false with the first error.</summary>
    public static bool TryCompile(RuleNode document, PredicateOptions options, [NotNullWhen(true)] out Predicate? predicate, [NotNullWhen(false)] out PredicateError? error)
    {
        var compiler = new PredicateCompiler(options);
        EventTest? test = compiler.Compile(document);
        error = compiler.Error;
        predicate = error is null && test is not null ? new Predicate(test, compiler.Fields, compiler.SearchesAll, compiler.Regexes) : null;
        return predicate is not null;
    }

    /// <summary>Compiles a JSON document; <paramref name="root"/> names it in errors.</summary>
    public static bool TryCompileJson(ReadOnlySpan<byte> json, string root, [NotNullWhen(true)] out Predicate? predicate, [NotNullWhen(false)] out PredicateError? error)
    {
        predicate = null;
        return RuleNodeJson.TryRead(json, root, out RuleNode? document, out error) && TryCompile(document!, out predicate, out error);
    }
}
