using System.Text;

namespace Muniment.Events.Canonical.Fields;

/// <summary>
/// Every field of the contract by its dotted name; one table for filters, predicates, CSV columns and detection. <c>details.X.Y</c> and <c>decision.X</c>
/// are looked up in the JSON when they are read.
/// </summary>
public static class EventFields
{
    private static readonly EventField[] All =
    [
        new("id", FieldType.Text, e => FieldValue.Of(e.Id)),
        new("seq", FieldType.Integer, e => FieldValue.Of((long?)e.Seq)),
        new("ts", FieldType.Time, e => FieldValue.Of(Timestamps.Format(e.TimeNs))),
        new("received", FieldType.Time, e => FieldValue.Of(Timestamps.Format(e.ReceivedNs))),
        new("signal", FieldType.Word, e => FieldValue.Of(CanonicalTerms.SignalOf(e.Kind)), Vocabulary.Signals, TermField.Signal),
        new("stream", FieldType.Word, e => FieldValue.Of(e.Stream), Vocabulary.Streams, TermField.Stream),
        new("actor.id", FieldType.Text, e => FieldValue.Of(e.Actor.Id), Term: TermField.Actor),
        new("actor.type", FieldType.Word, e => FieldValue.Of(e.Actor.Type), Vocabulary.ActorTypes),
        new("actor.user", FieldType.Text, e => FieldValue.Of(e.Actor.Human), Term: TermField.User),
        new("agent.kind", FieldType.Text, e => FieldValue.Of(e.Agent?.Kind), Term: TermField.Agent),
        new("agent.version", FieldType.Text, e => FieldValue.Of(e.Agent?.Version)),
        new("agent.surface", FieldType.Word, e => FieldValue.Of(e.Agent?.Surface), Vocabulary.Surfaces),
        new("agent.instance", FieldType.Text, e => FieldValue.Of(e.Agent?.Instance)),
        new("action", FieldType.Text, e => FieldValue.Of(e.Action), Term: TermField.Action),
        new("artifact.kind", FieldType.Text, e => FieldValue.Of(e.Artifact?.Kind)),
        new("artifact.name", FieldType.Text, e => FieldValue.Of(e.Artifact?.Name)),
        new("artifact.version", FieldType.Text, e => FieldValue.Of(e.Artifact?.Version)),
        new("artifact.digest", FieldType.Text, e => FieldValue.Of(e.Artifact?.Digest)),
        new("policy.id", FieldType.Text, e => FieldValue.Of(e.Policy?.Id), Term: TermField.Policy),
        new("policy.version", FieldType.Integer, e => FieldValue.Of(e.Policy?.Version), Term: TermField.PolicyVersion),
        new("policy.digest", FieldType.Text, e => FieldValue.Of(e.Policy?.Digest)),
        new("policy.rule", FieldType.Text, e => FieldValue.Of(e.Policy?.Rule)),
        new("target", FieldType.Text, e => FieldValue.Of(e.Target), Term: TermField.Target),
        new("mode", FieldType.Word, e => FieldValue.Of(e.Mode), Vocabulary.Modes),
        new("trace.trace_id", FieldType.Text, e => FieldValue.Of(e.Trace?.TraceId), Term: TermField.Trace),
        new("trace.span_id", FieldType.Text, e => FieldValue.Of(e.Trace?.SpanId)),
        new("trace.session", FieldType.Text, e => FieldValue.Of(e.Trace?.Session), Term: TermField.Session),
        new("trace.turn", FieldType.Text, e => FieldValue.Of(e.Trace?.Turn)),
        new("trace.correlation", FieldType.Text, e => FieldValue.Of(e.Trace?.Correlation), Term: TermField.Correlation),
        new("trace.request", FieldType.Text, e => FieldValue.Of(e.Trace?.Request)),
        new("result", FieldType.Word, e => FieldValue.Of(e.Result), Vocabulary.Results, TermField.Result),
        new("reason", FieldType.Text, e => FieldValue.Of(e.Reason)),
        new("risk", FieldType.Level, e => FieldValue.Of(e.Risk), Vocabulary.Risks, TermField.Risk),
        new("resource.workspace", FieldType.Text, e => FieldValue.Of(e.Resource?.Workspace)),
        new("resource.project", FieldType.Text, e => FieldValue.Of(e.Resource?.Project), Term: TermField.Project),
        new("resource.team", FieldType.Text, e => FieldValue.Of(e.Resource?.Team)),
        new("resource.environment", FieldType.Text, e => FieldValue.Of(e.Resource?.Environment)),
        new("resource.repo", FieldType.Text, e => FieldValue.Of(e.Resource?.Repo), Term: TermField.Work),
        new("resource.ticket", FieldType.Text, e => FieldValue.Of(e.Resource?.Ticket), Term: TermField.Work),
        new("resource.incident", FieldType.Text, e => FieldValue.Of(e.Resource?.Incident), Term: TermField.Work),
        new("approval.by", FieldType.Text, e => FieldValue.Of(e.Approval?.By)),
        new("approval.at", FieldType.Time, e => FieldValue.Of(e.Approval?.At)),
        new("approval.source", FieldType.Word, e => FieldValue.Of(e.Approval?.Source), Vocabulary.ApprovalSources),
        new("approval.request", FieldType.Text, e => FieldValue.Of(e.Approval?.Request)),
        new("client.address", FieldType.Text, e => FieldValue.Of(e.Client?.Address), Term: TermField.Address),
        new("client.place", FieldType.Text, e => FieldValue.Of(e.Client?.Place)),
        new("model.provider", FieldType.Text, e => FieldValue.Of(e.Model?.Provider)),
        new("model.requested", FieldType.Text, e => FieldValue.Of(e.Model?.Requested), Term: TermField.Model),
        new("model.served", FieldType.Text, e => FieldValue.Of(e.Model?.Served), Term: TermField.Model),
        new("usage.input", FieldType.Integer, e => FieldValue.Of(e.Usage?.Input)),
        new("usage.cache_read", FieldType.Integer, e => FieldValue.Of(e.Usage?.CacheRead)),
        new("usage.cache_write", FieldType.Integer, e => FieldValue.Of(e.Usage?.CacheWrite)),
        new("usage.output", FieldType.Integer, e => FieldValue.Of(e.Usage?.Output)),
        new("usage.reasoning", FieldType.Integer, e => FieldValue.Of(e.Usage?.Reasoning)),
        new("usage.cost.amount", FieldType.Number, e => e.Usage?.Cost?.Amount is { } amount ? FieldValue.OfNumber(amount) : default),
        new("usage.cost.unit", FieldType.Text, e => FieldValue.Of(e.Usage?.Cost?.Unit)),
        new("usage.cost.source", FieldType.Word, e => FieldValue.Of(e.Usage?.Cost?.Source), Vocabulary.CostSources),
        new("tool.name", FieldType.Text, e => FieldValue.Of(e.Tool?.Name), Term: TermField.Tool),
        new("tool.namespace", FieldType.Word, e => FieldValue.Of(e.Tool?.Namespace), Vocabulary.ToolNamespaces),
        new("tool.server", FieldType.Text, e => FieldValue.Of(e.Tool?.Server)),
        new("tool.call", FieldType.Text, e => FieldValue.Of(e.Tool?.Call)),
        new("tool.command", FieldType.Text, e => FieldValue.Of(e.Tool?.Command)),
        new("tool.duration_ms", FieldType.Number, e => FieldValue.Of(e.Tool?.DurationMs)),
        new("tool.success", FieldType.Boolean, e => FieldValue.Of(e.Tool?.Success)),
        new("tool.exit_code", FieldType.Integer, e => FieldValue.Of(e.Tool?.ExitCode)),
        new("change.files", FieldType.Integer, e => FieldValue.Of(e.Change?.Files)),
        new("change.added", FieldType.Integer, e => FieldValue.Of(e.Change?.Added)),
        new("change.removed", FieldType.Integer, e => FieldValue.Of(e.Change?.Removed)),
        new("change.commits", FieldType.Integer, e => FieldValue.Of(e.Change?.Commits)),
        new("change.prs", FieldType.Integer, e => FieldValue.Of(e.Change?.Prs)),
        new("change.tests", FieldType.Integer, e => FieldValue.Of(e.Change?.Tests)),
        new("change.incidents", FieldType.Integer, e => FieldValue.Of(e.Change?.Incidents)),
        new("decision", FieldType.Any, e => FieldValue.OfJson(e.Decision)),
        new("source.key", FieldType.Text, e => FieldValue.Of(e.Source.Key), Term: TermField.Key),
        new("source.receiver", FieldType.Text, e => FieldValue.Of(e.Source.Receiver)),
        new("source.address", FieldType.Text, e => FieldValue.Of(e.Source.Address), Term: TermField.Address),
        new("source.dialect", FieldType.Text, e => FieldValue.Of(e.Source.Dialect)),
        new("source.mapper", FieldType.Integer, e => FieldValue.Of((long?)e.Source.Mapper)),
        new("source.imported", FieldType.Boolean, e => FieldValue.Of((bool?)e.Source.Imported)),
        new("source.verified", FieldType.Text, e => FieldValue.Of([.. e.Source.Verified.Select(v => FieldValue.Of(v))])),
        new("details", FieldType.Any, e => FieldValue.OfJson(e.Details)),
    ];

    private static readonly Dictionary<string, EventField> ByName = All.ToDictionary(f => f.Name, StringComparer.Ordinal);

    /// <summary>All fields in the contract's order; <c>details</c> and <c>decision</c> stand for their members.</summary>
    public static IReadOnlyList<EventField> Known => All;

    /// <summary>
    /// The field of a name; false when there is none. <c>details.X</c> and <c>decision.X</c> always exist. A part's own name reads as in the flat form
    /// (<c>actor</c>, <c>artifact</c>, <c>policy</c>, <c>trace</c>).
    /// </summary>
    public static bool TryResolve(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out EventField? field)
    {
        if (ByName.TryGetValue(name, out field))
        {
            return true;
        }

        field = name switch
        {
            "actor" => new EventField(name, FieldType.Text, e => FieldValue.Of(FlatForm.WriteActor(e.Actor))),
            "artifact" => new EventField(name, FieldType.Text, e => FieldValue.Of(FlatForm.WriteArtifact(e.Artifact))),
            "policy" => new EventField(name, FieldType.Text, e => FieldValue.Of(FlatForm.WritePolicy(e.Policy))),
            "trace" => new EventField(name, FieldType.Text, e => FieldValue.Of(FlatForm.WriteTrace(e.Trace))),
            _ => Inside(name),
        };
        return field is not null;
    }

    private static EventField? Inside(string name)
    {
        if (name.StartsWith("details.", StringComparison.Ordinal) && name.Length > "details.".Length)
        {
            byte[] path = Encoding.UTF8.GetBytes(name["details.".Length..]);
            return new EventField(name, FieldType.Any, e => DetailPath.Find(e.Details, path));
        }

        if (name.StartsWith("decision.", StringComparison.Ordinal) && name.Length > "decision.".Length)
        {
            byte[] path = Encoding.UTF8.GetBytes(name["decision.".Length..]);
            TermField? term = name == "decision.id" ? TermField.Decision : null;
            return new EventField(name, FieldType.Any, e => DetailPath.Find(e.Decision, path), Term: term);
        }

        return null;
    }
}
