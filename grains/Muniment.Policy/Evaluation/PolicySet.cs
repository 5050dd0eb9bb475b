using System.Collections.Immutable;
using Muniment.Policy.Documents;
using Muniment.Policy.Predicates.Matching;

namespace Muniment.Policy.Evaluation;

/// <summary>
/// The policies of a tenant, compiled. Immutable and safe to share between threads. Every policy whose scope covers the caller is evaluated and every matching rule
/// applies; the strictest wins: deny, ask, redact, modify, allow. The order is organisation, project, user, in each by name, in a policy the document's order; it
/// decides only which of several equally strict rules is named.
/// </summary>
public sealed class PolicySet
{
    private readonly CompiledPolicy[] organisation;
    private readonly Dictionary<string, CompiledPolicy[]> projects;
    private readonly Dictionary<string, CompiledPolicy[]> users;

    private PolicySet(IReadOnlyList<PublishedPolicy> policies)
    {
        Policies = [.. policies.OrderBy(p => p.Document.Scope.Level).ThenBy(p => p.Name, StringComparer.Ordinal)];
        CompiledPolicy[] compiled = [.. Policies.Select(p => new CompiledPolicy(p))];
        organisation = [.. compiled.Where(p => p.Document.Scope.Level == ScopeLevel.Org)];
        projects = ById(compiled, ScopeLevel.Project);
        users = ById(compiled, ScopeLevel.User);
    }

    /// <summary>No policy: everything is allowed, but unknown paths.</summary>
    public static PolicySet Empty { get; } = new([]);

    /// <summary>The policies in the order in which they are evaluated.</summary>
    public ImmutableArray<PublishedPolicy> Policies { get; }

    /// <summary>Compiles a set. Names are unique.</summary>
    public static PolicySet Build(IEnumerable<PublishedPolicy> policies) => new([.. policies]);

    /// <summary>
    /// Decides. Deterministic and without side effects. Rules that look for something in the texts are pending in the verdict until
    /// <see cref="Verdict.Complete"/> says what their detectors found.
    /// </summary>
    public Verdict Decide(DecisionRequest request)
    {
        DecisionSubject subject = DecisionSubject.Of(request);
        return Evaluate(request, subject).Compose(null);
    }

    /// <summary>The rules that hold or might, before they are weighed.</summary>
    internal DecisionFindings Evaluate(DecisionRequest request, DecisionSubject subject)
    {
        CompiledPolicy[] ofProject = Of(projects, request.Caller.Project ?? request.Facts?.Resource?.Project);
        CompiledPolicy[] ofUser = Of(users, request.Caller.User ?? request.Facts?.Actor.Human);
        var findings = new PolicyFindings[organisation.Length + ofProject.Length + ofUser.Length];
        int count = 0;
        Add(organisation, request, subject, findings, ref count);
        Add(ofProject, request, subject, findings, ref count);
        Add(ofUser, request, subject, findings, ref count);
        return new DecisionFindings(request, subject, findings);
    }

    private static void Add(CompiledPolicy[] policies, DecisionRequest request, DecisionSubject subject, PolicyFindings[] findings, ref int count)
    {
        foreach (CompiledPolicy policy in policies)
        {
            RuleFinding[] found = Find(policy.RulesOf(request.Action), subject.Predicates);
            findings[count++] = new PolicyFindings(policy, request.TextAction is { } further ? [.. found, .. FindInTexts(policy.TextRulesOf(further, request.Action), request, subject.Predicates)] : found);
        }
    }

    // What holds without the texts is said of every call, whatever it says, and is not meant for what calls nothing.
    private static IEnumerable<RuleFinding> FindInTexts(CompiledRule[] rules, DecisionRequest request, PredicateSubject subject)
    {
        if (rules.Length == 0 || request.Texts.IsEmpty)
        {
            return [];
        }

        PredicateSubject without = DecisionSubject.Of(request with { Texts = [new InspectedText("", "", "")] }).Predicates;
        return Find(rules, subject).Where(finding => finding.Rule.Rule.Detect.Length > 0 || finding.When != Test(finding.Rule, without));
    }

    private static RuleFinding[] Find(CompiledRule[] rules, in PredicateSubject subject)
    {
        List<RuleFinding>? found = null;
        foreach (CompiledRule rule in rules)
        {
            Truth when = Test(rule, subject);
            if (when != Truth.False)
            {
                (found ??= []).Add(new RuleFinding(rule, when));
            }
        }

        return found is null ? [] : [.. found];
    }

    private static Truth Test(CompiledRule rule, in PredicateSubject subject)
    {
        try
        {
            return rule.Rule.When?.Test(subject) ?? Truth.True;
        }
#pragma warning disable CA1031 // A decision is due whatever happens: a rule that throws cannot be evaluated, and its own fail mode says what follows.
        catch (Exception)
#pragma warning restore CA1031
        {
            return Truth.Unknown;
        }
    }

    private static CompiledPolicy[] Of(Dictionary<string, CompiledPolicy[]> index, string? id) => id is not null && index.TryGetValue(id, out CompiledPolicy[]? found) ? found : [];

    private static Dictionary<string, CompiledPolicy[]> ById(CompiledPolicy[] policies, ScopeLevel level) => policies
        .Where(p => p.Document.Scope.Level == level)
        .GroupBy(p => p.Document.Scope.Id, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.OrdinalIgnoreCase);
}
