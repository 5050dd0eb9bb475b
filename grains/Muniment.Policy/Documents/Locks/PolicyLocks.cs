using Muniment.Policy.Evaluation;

namespace Muniment.Policy.Documents.Locks;

/// <summary>
/// What <c>lock: true</c> holds: organisation above project above user. A lower policy may not be looser in default, mode, fail, uncovered or a limit. Evaluation
/// would let the strictest win anyway; the lock says so when the policy is published, in both directions: a lock is refused too while a looser policy is in force.
/// </summary>
public static class PolicyLocks
{
    /// <summary>The first conflict that publishing would make; null when there is none. A policy of the candidate's own name is what it replaces.</summary>
    public static LockConflict? Check(PublishedPolicy candidate, IEnumerable<PublishedPolicy> inForce)
    {
        foreach (PublishedPolicy other in inForce.Where(p => p.Name != candidate.Name).OrderBy(p => p.Document.Scope.Level).ThenBy(p => p.Name, StringComparer.Ordinal))
        {
            if ((Compare(other, candidate) ?? Compare(candidate, other)) is { } conflict)
            {
                return conflict;
            }
        }

        return null;
    }

    private static LockConflict? Compare(PublishedPolicy upper, PublishedPolicy lower)
    {
        PolicyDocument locked = upper.Document;
        PolicyDocument below = lower.Document;
        if (!locked.Lock || locked.Scope.Level >= below.Scope.Level)
        {
            return null;
        }

        if (below.Default is { } its && locked.Default is { } held && its < held)
        {
            return Conflict("default", $"default: {its.Word()}", $"default: {held.Word()}");
        }

        if (locked.Mode == PolicyMode.Enforce && below.Mode == PolicyMode.Shadow)
        {
            return Conflict("mode", "mode: shadow", "mode: enforce");
        }

        if (locked.Uncovered == UncoveredMode.Deny && below.Uncovered == UncoveredMode.Allow)
        {
            return Conflict("uncovered", "uncovered: allow", "uncovered: deny");
        }

        foreach (PolicyRule rule in below.Rules.Where(r => r.Fail == FailMode.Open))
        {
            if (locked.Rules.FirstOrDefault(l => HoldsFail(l, rule)) is { } holder)
            {
                return Conflict(rule.Id, $"fail: open in rule {rule.Id}", $"fail: closed in rule {holder.Id}");
            }
        }

        foreach (PolicyLimit limit in below.Limits)
        {
            if (locked.Limits.Select(l => (Limit: l, Looser: LimitOrder.Looser(limit, l))).FirstOrDefault(p => p.Looser is not null) is { Looser: { } looser } pair)
            {
                return Conflict(limit.Id, $"{looser} in limit {limit.Id}", $"limit {pair.Limit.Id}: {LimitOrder.Text(pair.Limit)}");
            }
        }

        return null;

        LockConflict Conflict(string rule, string has, string holds) => new(upper.Name, lower.Name, rule,
            $"policy {lower.Name} ({below.Scope}) has {has}, which is looser than {holds} of the locked policy {upper.Name} ({locked.Scope})");
    }

    /// <summary>The rule of the same id, and any rule of the same actions that says <c>fail: closed</c> itself.</summary>
    private static bool HoldsFail(PolicyRule locked, PolicyRule lower) =>
        locked.Fail == FailMode.Closed && (locked.Id == lower.Id || (locked.StatesFail && Overlap(locked, lower)));

    private static bool Overlap(PolicyRule a, PolicyRule b)
    {
        var first = new ActionPattern(a.On);
        var second = new ActionPattern(b.On);
        return DecisionActions.All.Concat(a.On).Concat(b.On).Any(action => first.Matches(action) && second.Matches(action));
    }
}
