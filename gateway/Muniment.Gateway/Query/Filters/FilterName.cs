using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Fields;

namespace Muniment.Gateway.Query.Filters;

/// <summary>The filter parameters of the contract that compare one field.</summary>
public sealed class FilterName
{
    private readonly Func<CanonicalEvent, string, bool> holds;
    private readonly Func<string, IEnumerable<string>>? termValues;

    private FilterName(string name, TermField term, bool isVerbatim, Func<CanonicalEvent, string, bool> holds, Vocabulary? words = null, Func<string, IEnumerable<string>>? termValues = null)
    {
        Name = name;
        Term = term;
        IsVerbatim = isVerbatim;
        Words = words;
        this.holds = holds;
        this.termValues = termValues;
    }

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FilterName> All { get; } =
    [
        new("correlation", TermField.Correlation, true, (e, v) => e.Trace?.Correlation == v),
        new("trace", TermField.Trace, false, (e, v) => e.Trace?.TraceId == v),
        new("session", TermField.Session, true, (e, v) => e.Trace?.Session == v),
        new("actor", TermField.Actor, false, (e, v) => e.Actor.Id == v || FlatForm.WriteActor(e.Actor) == v, termValues: ActorIds),
        new("user", TermField.User, true, (e, v) => e.Actor.Human == v),
        new("agent", TermField.Agent, false, (e, v) => e.Agent?.Kind == v),
        new("action", TermField.Action, false, (e, v) => e.Action == v),
        new("result", TermField.Result, false, (e, v) => e.Result == v, Vocabulary.Results),
        new("policy", TermField.Policy, true, (e, v) => e.Policy?.Id == v),
        new("policy_version", TermField.PolicyVersion, false, (e, v) => e.Policy?.Version is { } n && FieldValue.Of((long?)n).AsText() == v),
        new("target", TermField.Target, true, (e, v) => e.Target == v),
        new("model", TermField.Model, true, (e, v) => e.Model?.Requested == v || e.Model?.Served == v),
        new("tool", TermField.Tool, true, (e, v) => e.Tool?.Name == v),
        new("stream", TermField.Stream, false, (e, v) => e.Stream == v, Vocabulary.Streams),
        new("signal", TermField.Signal, false, (e, v) => CanonicalTerms.SignalOf(e.Kind) == v, Vocabulary.Signals),
        new("risk", TermField.Risk, false, (e, v) => e.Risk == v, Vocabulary.Risks),
        new("project", TermField.Project, true, (e, v) => e.Resource?.Project == v),
        new("key", TermField.Key, true, (e, v) => e.Source.Key == v),
        new("address", TermField.Address, false, (e, v) => e.Client?.Address == v || e.Source.Address == v),
        new("decision", TermField.Decision, true, (e, v) => !e.Decision.IsEmpty && DetailPath.Find(e.Decision, "id").Text == v),
    ];

    /// <summary>Ticket, incident and repo of the timeline; they share an index field.</summary>
    public static IReadOnlyList<FilterName> Work { get; } =
    [
        new("ticket", TermField.Work, true, (e, v) => e.Resource?.Ticket == v),
        new("incident", TermField.Work, true, (e, v) => e.Resource?.Incident == v),
        new("repo", TermField.Work, false, (e, v) => e.Resource?.Repo == v),
    ];

    /// <summary>The parameter's name.</summary>
    public string Name { get; }

    /// <summary>The index field.</summary>
    public TermField Term { get; }

    /// <summary>Whether the value stands in the entry's bytes as it stands in the event: it is never computed, mapped or spelled otherwise.</summary>
    public bool IsVerbatim { get; }

    /// <summary>Whether the value is, moreover, the whole of one value of the record; actors and their kin may stand in a flat form with a prefix.</summary>
    public bool IsWhole => Term is TermField.Correlation or TermField.Session;

    /// <summary>The closed set of values; null when any value may be asked for.</summary>
    public Vocabulary? Words { get; }

    /// <summary>Finds a parameter by name; null when it is none of these.</summary>
    public static FilterName? Find(string name) => All.FirstOrDefault(f => f.Name == name);

    /// <summary>Whether the event has this value.</summary>
    public bool Holds(CanonicalEvent e, string value) => holds(e, value);

    /// <summary>The values under which events with this value are indexed.</summary>
    public IEnumerable<string> TermValues(string value) => termValues?.Invoke(value) ?? [value];

    private static IEnumerable<string> ActorIds(string value)
    {
        ActorPart flat = FlatForm.ReadActor(value);
        return flat.Id == value ? [value] : [value, flat.Id!];
    }
}
