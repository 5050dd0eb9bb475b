using System.Text;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Otlp;
using Muniment.Policy.Detectors;

namespace Muniment.Policy.Redaction;

/// <summary>
/// Redacts events: every text of a canonical event and every string of its <c>details</c> and <c>decision</c>, or every string of a raw OTLP record. What stays as it is: the id,
/// times, trace and span ids, digests, and the server's own words (stream, receiver, result). Immutable, safe to share.
/// </summary>
/// <param name="set">The detectors.</param>
public sealed class EventRedactor(DetectorSet set)
{
    private static readonly byte[] Unreadable = """{"redaction":"this object could not be read, so it was left out"}"""u8.ToArray();

    private readonly JsonRedactor _json = new(set);

    /// <summary>The detectors.</summary>
    public DetectorSet Set => set;

    /// <summary>Redacts an event in place and adds to counts of the same set.</summary>
    public void Redact(CanonicalEvent e, DetectorCounts counts)
    {
        if (set.IsEmpty)
        {
            return;
        }

        e.Action = Text("action", e.Action, counts) ?? "";
        e.Target = Text("target", e.Target, counts);
        e.Reason = Text("reason", e.Reason, counts);
        e.Actor.Id = Text("user", e.Actor.Id, counts);
        e.Actor.User = Text("user", e.Actor.User, counts);
        e.Actor.Flat = Text("user", e.Actor.Flat, counts);
        Parts(e, counts);
        Tool(e.Tool, counts);
        e.Details = Json(e.Details, counts);
        e.Decision = Json(e.Decision, counts);
    }

    /// <summary>The entry with its raw OTLP record redacted; entries that are not OTLP come back as they are.</summary>
    public StoredEvent Redact(in StoredEvent stored, DetectorCounts counts)
    {
        return set.IsEmpty ? stored : OtlpStrings.Apply(stored, Rewrite);

        string? Rewrite(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => _json.RedactValue(Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(value), counts);
    }

    private void Parts(CanonicalEvent e, DetectorCounts counts)
    {
        if (e.Agent is { } agent)
        {
            agent.Kind = Text("agent", agent.Kind, counts);
            agent.Version = Text("version", agent.Version, counts);
            agent.Instance = Text("instance", agent.Instance, counts);
        }

        if (e.Artifact is { } artifact)
        {
            artifact.Kind = Text("kind", artifact.Kind, counts);
            artifact.Name = Text("name", artifact.Name, counts);
            artifact.Version = Text("version", artifact.Version, counts);
        }

        if (e.Policy is { } policy)
        {
            policy.Id = Text("policy", policy.Id, counts);
            policy.Rule = Text("rule", policy.Rule, counts);
        }

        if (e.Trace is { } trace)
        {
            trace.Session = Text("session", trace.Session, counts);
            trace.Turn = Text("turn", trace.Turn, counts);
            trace.Correlation = Text("correlation", trace.Correlation, counts);
            trace.Request = Text("request", trace.Request, counts);
        }

        if (e.Resource is { } resource)
        {
            resource.Workspace = Text("workspace", resource.Workspace, counts);
            resource.Project = Text("project", resource.Project, counts);
            resource.Team = Text("team", resource.Team, counts);
            resource.Environment = Text("environment", resource.Environment, counts);
            resource.Repo = Text("repo", resource.Repo, counts);
            resource.Ticket = Text("ticket", resource.Ticket, counts);
            resource.Incident = Text("incident", resource.Incident, counts);
        }

        if (e.Approval is { } approval)
        {
            approval.By = Text("by", approval.By, counts);
            approval.Request = Text("request", approval.Request, counts);
        }

        if (e.Client is { } client)
        {
            client.Address = Text("address", client.Address, counts);
            client.Place = Text("place", client.Place, counts);
        }

        if (e.Model is { } model)
        {
            model.Provider = Text("provider", model.Provider, counts);
            model.Requested = Text("model", model.Requested, counts);
            model.Served = Text("model", model.Served, counts);
        }

        e.Source.Address = Text("address", e.Source.Address, counts);
    }

    private void Tool(ToolPart? tool, DetectorCounts counts)
    {
        if (tool is not null)
        {
            tool.Name = Text("tool", tool.Name, counts);
            tool.Server = Text("server", tool.Server, counts);
            tool.Call = Text("call", tool.Call, counts);
            tool.Command = Text("command", tool.Command, counts);
        }
    }

    private string? Text(string name, string? text, DetectorCounts counts) => text is null ? null : _json.RedactValue(name, text, counts) ?? text;

    private ReadOnlyMemory<byte> Json(ReadOnlyMemory<byte> json, DetectorCounts counts)
    {
        if (json.IsEmpty)
        {
            return json;
        }

        if (_json.Redact(json) is not { } result)
        {
            return Unreadable; // never passed on unread
        }

        counts.Add(result.Counts);
        return result.Json;
    }
}
