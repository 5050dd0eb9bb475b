using System.Collections.Immutable;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Predicates.Matching;

namespace Muniment.Policy.Simulation;

/// <summary>
/// Replays recorded decisions under other policies. Events come in the order of their seq. What a rule needs and the record does not have (contents, arguments,
/// detectors that did not run) makes it possible, not true: when the result hangs on it the decision is undecidable. One use, one thread.
/// </summary>
/// <param name="policies">The policies to replay under.</param>
/// <param name="candidate">Name of the one that is tried out: its rules are named by their bare id, others' as <c>policy/rule</c>.</param>
/// <param name="startNs">Since when all decisions are given, Unix ns: limits know nothing of what was used before.</param>
public sealed class PolicySimulation(PolicySet policies, string candidate, long startNs)
{
    /// <summary>Most examples.</summary>
    public const int MaxExamples = 20;

    private readonly Dictionary<(string From, string To), long> transitions = [];
    private readonly SortedDictionary<string, long> undecidable = new(StringComparer.Ordinal);
    private readonly List<SimulationExample> examples = [];
    private readonly LimitReplay limits = new(startNs);
    private long evaluated;
    private long changed;
    private long unclear;

    /// <summary>Replays one event; what is no recorded verdict is passed over.</summary>
    public void Add(Events.Canonical.CanonicalEvent e)
    {
        if (RecordedDecision.Of(e) is not { } recorded)
        {
            return;
        }

        evaluated++;
        DecisionFindings findings = policies.Evaluate(recorded.Request, recorded.Subject);
        var open = new List<string>();
        Verdict strictest = Weigh(findings, recorded, allow: false, others: true, ask: true, open);
        Verdict loosest = strictest;
        if (open.Count > 0)
        {
            Verdict unasked = Weigh(findings, recorded, allow: false, others: true, ask: false, null);
            strictest = unasked.Effect > strictest.Effect ? unasked : strictest;
            loosest = Weigh(findings, recorded, allow: true, others: false, ask: true, null);
            unasked = Weigh(findings, recorded, allow: true, others: false, ask: false, null);
            loosest = unasked.Effect < loosest.Effect ? unasked : loosest;
        }

        CoveringLimit[] acting = [.. loosest.Limits.Where(l => l.Mode == PolicyMode.Enforce)];
        foreach (CoveringLimit limit in acting)
        {
            bool? room = limits.HasRoom(limit, e.TimeNs);
            if (room is null && limit.Limit.Then > loosest.Effect)
            {
                open.Add(Name(limit.Policy));
                strictest = strictest.Exceeded(limit);
            }
            else if (room == false)
            {
                (strictest, loosest) = (strictest.Exceeded(limit), loosest.Exceeded(limit));
            }
        }

        bool isClear = strictest.Effect.Result() == loosest.Effect.Result();
        if (DecisionActions.IsRequest(recorded.Request.Action) && (isClear ? loosest.Effect < PolicyEffect.Ask : e.Result != "denied"))
        {
            limits.Pass(recorded.Id, acting, e.TimeNs);
        }

        if (!DecisionActions.IsRequest(recorded.Request.Action))
        {
            limits.Answer(recorded);
        }

        if (!isClear)
        {
            unclear++;
            foreach (string rule in open.Distinct())
            {
                undecidable[rule] = undecidable.GetValueOrDefault(rule) + 1;
            }
        }
        else
        {
            Count(e.Seq, e.Result, loosest);
        }
    }

    /// <summary>What came of it so far.</summary>
    public SimulationResult Result() => new(evaluated, changed, unclear, undecidable.ToImmutableSortedDictionary(StringComparer.Ordinal),
        [.. transitions.OrderByDescending(t => t.Value).ThenBy(t => t.Key.From, StringComparer.Ordinal).ThenBy(t => t.Key.To, StringComparer.Ordinal).Select(t => new SimulationTransition(t.Key.From, t.Key.To, t.Value))],
        [.. examples]);

    private void Count(long seq, string from, Verdict verdict)
    {
        string to = verdict.Effect.Result();
        if (from == to)
        {
            return;
        }

        changed++;
        transitions[(from, to)] = transitions.GetValueOrDefault((from, to)) + 1;
        if (examples.Count < MaxExamples)
        {
            examples.Add(new SimulationExample(seq, from, to, Name(verdict.Policy)));
        }
    }

    /// <summary>The verdict if the rules that are not clear match or not, by what they ask for. Everything between lies between these extremes.</summary>
    private Verdict Weigh(DecisionFindings findings, RecordedDecision recorded, bool allow, bool others, bool ask, List<string>? open)
    {
        var weighed = new PolicyFindings[findings.Policies.Length];
        for (int i = 0; i < weighed.Length; i++)
        {
            bool acts = findings.Policies[i].Policy.Document.Mode == PolicyMode.Enforce;
            var rules = new List<RuleFinding>(findings.Policies[i].Rules.Length);
            foreach (RuleFinding finding in findings.Policies[i].Rules)
            {
                PolicyRule rule = finding.Rule.Rule;
                Truth truth = rule.Detect.IsEmpty || finding.When == Truth.False ? finding.When : Both(finding.When, Detected(rule, recorded));
                if (truth == Truth.Unknown)
                {
                    if (acts)
                    {
                        open?.Add(Name(finding.Rule.Reference));
                    }

                    truth = Truths.Of(rule.Then switch { PolicyEffect.Allow => allow, PolicyEffect.Ask => ask, _ => others });
                }

                if (truth == Truth.True)
                {
                    rules.Add(new RuleFinding(finding.Rule, Truth.True));
                }
            }

            weighed[i] = findings.Policies[i] with { Rules = [.. rules] };
        }

        return (findings with { Policies = weighed }).Compose(_ => new DetectorFinding(1));
    }

    private static Truth Both(Truth a, Truth b) => a < b ? a : b;

    private static Truth Detected(PolicyRule rule, RecordedDecision recorded)
    {
        Truth most = Truth.False;
        foreach (DetectorReference detector in rule.Detect)
        {
            Truth one = recorded.Found(detector) is { } found ? Truths.Of(found) : Truth.Unknown;
            most = one > most ? one : most;
        }

        return most;
    }

    private string Name(PolicyReference reference) => reference.Id == candidate ? reference.Rule : $"{reference.Id}/{reference.Rule}";
}
