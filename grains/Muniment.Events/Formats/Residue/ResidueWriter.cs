using System.Text.Json;
using Muniment.Events.Canonical;

namespace Muniment.Events.Formats.Residue;

/// <summary>
/// Writes what a format has no field for, as members in the canonical form: the same names and nesting as the contract's event, only without the leaves that are mapped.
/// So no format loses a value, and a reader finds the rest under names that it knows.
/// </summary>
internal ref struct ResidueWriter
{
    private readonly Utf8JsonWriter _json;
    private readonly LeafSet _mapped;
    private ReadOnlySpan<byte> _part;
    private bool _open;

    private ResidueWriter(Utf8JsonWriter json, LeafSet mapped)
    {
        _json = json;
        _mapped = mapped;
    }

    /// <summary>Writes the members. <paramref name="detailsAsText"/>: <c>details</c> as one text, for stores that make an index field of every member.</summary>
    public static void Write(CanonicalEvent e, LeafSet mapped, Utf8JsonWriter json, bool detailsAsText = false)
    {
        ResidueWriter writer = new(json, mapped);
        writer.WriteTop(e);
        writer.WriteParts(e);
        writer.WriteCounts(e);
        writer.WriteSource(e.Source);
        if (!e.Decision.IsEmpty && !mapped.Has(EventLeaf.Decision))
        {
            json.WritePropertyName("decision"u8);
            json.WriteRawValue(JsonText.OneLine(e.Decision).Span, skipInputValidation: true);
        }

        if (e.Details.Length > 2 && !mapped.Has(EventLeaf.Details)) // not {}
        {
            json.WritePropertyName("details"u8);
            if (detailsAsText)
            {
                json.WriteStringValue(e.Details.Span);
            }
            else
            {
                json.WriteRawValue(e.Details.Span, skipInputValidation: true);
            }
        }
    }

    private void WriteTop(CanonicalEvent e)
    {
        _open = true; // the enclosing object is open already
        Span<byte> time = stackalloc byte[Timestamps.SizeBytes];
        Text(EventLeaf.Id, "id"u8, e.Id);
        Number(EventLeaf.Seq, "seq"u8, e.Seq < 0 ? null : e.Seq);
        if (!_mapped.Has(EventLeaf.Ts))
        {
            _json.WriteString("ts"u8, Timestamps.Format(e.TimeNs, time));
        }

        if (!_mapped.Has(EventLeaf.Received))
        {
            _json.WriteString("received"u8, Timestamps.Format(e.ReceivedNs, time));
        }

        Text(EventLeaf.Signal, "signal"u8, CanonicalTerms.SignalOf(e.Kind));
        Text(EventLeaf.Stream, "stream"u8, e.Stream);
        Text(EventLeaf.Action, "action"u8, e.Action);
        Text(EventLeaf.Target, "target"u8, e.Target);
        Text(EventLeaf.Mode, "mode"u8, e.Mode);
        Text(EventLeaf.Result, "result"u8, e.Result);
        Text(EventLeaf.Reason, "reason"u8, e.Reason);
        Text(EventLeaf.Risk, "risk"u8, e.Risk);
    }

    private void WriteParts(CanonicalEvent e)
    {
        Begin("actor"u8);
        Text(EventLeaf.ActorId, "id"u8, e.Actor.Id);
        Text(EventLeaf.ActorType, "type"u8, e.Actor.Type);
        Text(EventLeaf.ActorUser, "user"u8, e.Actor.User);
        End();
        if (e.Agent is { } agent)
        {
            Begin("agent"u8);
            Text(EventLeaf.AgentKind, "kind"u8, agent.Kind);
            Text(EventLeaf.AgentVersion, "version"u8, agent.Version);
            Text(EventLeaf.AgentSurface, "surface"u8, agent.Surface);
            Text(EventLeaf.AgentInstance, "instance"u8, agent.Instance);
            End();
        }

        if (e.Artifact is { } artifact)
        {
            Begin("artifact"u8);
            Text(EventLeaf.ArtifactKind, "kind"u8, artifact.Kind);
            Text(EventLeaf.ArtifactName, "name"u8, artifact.Name);
            Text(EventLeaf.ArtifactVersion, "version"u8, artifact.Version);
            Text(EventLeaf.ArtifactDigest, "digest"u8, artifact.Digest);
            End();
        }

        if (e.Policy is { } policy)
        {
            Begin("policy"u8);
            Text(EventLeaf.PolicyId, "id"u8, policy.Id);
            Number(EventLeaf.PolicyVersion, "version"u8, policy.Version);
            Text(EventLeaf.PolicyDigest, "digest"u8, policy.Digest);
            Text(EventLeaf.PolicyRule, "rule"u8, policy.Rule);
            End();
        }

        if (e.Trace is { } trace)
        {
            Begin("trace"u8);
            Text(EventLeaf.TraceId, "trace_id"u8, trace.TraceId);
            Text(EventLeaf.SpanId, "span_id"u8, trace.SpanId);
            Text(EventLeaf.Session, "session"u8, trace.Session);
            Text(EventLeaf.Turn, "turn"u8, trace.Turn);
            Text(EventLeaf.Correlation, "correlation"u8, trace.Correlation);
            Text(EventLeaf.Request, "request"u8, trace.Request);
            End();
        }

        if (e.Resource is { } resource)
        {
            Begin("resource"u8);
            Text(EventLeaf.Workspace, "workspace"u8, resource.Workspace);
            Text(EventLeaf.Project, "project"u8, resource.Project);
            Text(EventLeaf.Team, "team"u8, resource.Team);
            Text(EventLeaf.Environment, "environment"u8, resource.Environment);
            Text(EventLeaf.Repo, "repo"u8, resource.Repo);
            Text(EventLeaf.Ticket, "ticket"u8, resource.Ticket);
            Text(EventLeaf.Incident, "incident"u8, resource.Incident);
            End();
        }

        if (e.Approval is { } approval)
        {
            Begin("approval"u8);
            Text(EventLeaf.ApprovalBy, "by"u8, approval.By);
            Text(EventLeaf.ApprovalAt, "at"u8, approval.At);
            Text(EventLeaf.ApprovalSource, "source"u8, approval.Source);
            Text(EventLeaf.ApprovalRequest, "request"u8, approval.Request);
            End();
        }

        if (e.Client is { } client)
        {
            Begin("client"u8);
            Text(EventLeaf.ClientAddress, "address"u8, client.Address);
            Text(EventLeaf.ClientPlace, "place"u8, client.Place);
            End();
        }

        if (e.Model is { } model)
        {
            Begin("model"u8);
            Text(EventLeaf.ModelProvider, "provider"u8, model.Provider);
            Text(EventLeaf.ModelRequested, "requested"u8, model.Requested);
            Text(EventLeaf.ModelServed, "served"u8, model.Served);
            End();
        }
    }

    private void WriteCounts(CanonicalEvent e)
    {
        if (e.Usage is { } usage)
        {
            Begin("usage"u8);
            Number(EventLeaf.UsageInput, "input"u8, usage.Input);
            Number(EventLeaf.UsageCacheRead, "cache_read"u8, usage.CacheRead);
            Number(EventLeaf.UsageCacheWrite, "cache_write"u8, usage.CacheWrite);
            Number(EventLeaf.UsageOutput, "output"u8, usage.Output);
            Number(EventLeaf.UsageReasoning, "reasoning"u8, usage.Reasoning);
            WriteCost(usage.Cost);
            End();
        }

        if (e.Tool is { } tool)
        {
            Begin("tool"u8);
            Text(EventLeaf.ToolName, "name"u8, tool.Name);
            Text(EventLeaf.ToolNamespace, "namespace"u8, tool.Namespace);
            Text(EventLeaf.ToolServer, "server"u8, tool.Server);
            Text(EventLeaf.ToolCall, "call"u8, tool.Call);
            Text(EventLeaf.ToolCommand, "command"u8, tool.Command);
            if (tool.DurationMs is { } duration && May(EventLeaf.ToolDuration))
            {
                _json.WriteNumber("duration_ms"u8, duration);
            }

            if (tool.Success is { } success && May(EventLeaf.ToolSuccess))
            {
                _json.WriteBoolean("success"u8, success);
            }

            Number(EventLeaf.ToolExitCode, "exit_code"u8, tool.ExitCode);
            End();
        }

        if (e.Change is { } change)
        {
            Begin("change"u8);
            Number(EventLeaf.ChangeFiles, "files"u8, change.Files);
            Number(EventLeaf.ChangeAdded, "added"u8, change.Added);
            Number(EventLeaf.ChangeRemoved, "removed"u8, change.Removed);
            Number(EventLeaf.ChangeCommits, "commits"u8, change.Commits);
            Number(EventLeaf.ChangePrs, "prs"u8, change.Prs);
            Number(EventLeaf.ChangeTests, "tests"u8, change.Tests);
            Number(EventLeaf.ChangeIncidents, "incidents"u8, change.Incidents);
            End();
        }
    }

    private void WriteCost(CostPart? cost)
    {
        if (cost is null || (Mapped(EventLeaf.CostAmount, cost.Amount) && Mapped(EventLeaf.CostUnit, cost.Unit) && Mapped(EventLeaf.CostSource, cost.Source)))
        {
            return;
        }

        Open();
        _json.WriteStartObject("cost"u8);
        Text(EventLeaf.CostAmount, "amount"u8, cost.Amount);
        Text(EventLeaf.CostUnit, "unit"u8, cost.Unit);
        Text(EventLeaf.CostSource, "source"u8, cost.Source);
        _json.WriteEndObject();
    }

    private readonly bool Mapped(EventLeaf leaf, string? value) => value is null || _mapped.Has(leaf);

    private void WriteSource(SourcePart source)
    {
        Begin("source"u8);
        Text(EventLeaf.SourceKey, "key"u8, source.Key);
        Text(EventLeaf.SourceReceiver, "receiver"u8, source.Receiver);
        Text(EventLeaf.SourceAddress, "address"u8, source.Address);
        Text(EventLeaf.SourceDialect, "dialect"u8, source.Dialect);
        Number(EventLeaf.SourceMapper, "mapper"u8, source.Mapper);
        if (source.Imported && May(EventLeaf.SourceImported))
        {
            _json.WriteBoolean("imported"u8, true);
        }

        if (source.Verified.Count > 0 && May(EventLeaf.SourceVerified))
        {
            _json.WriteStartArray("verified"u8);
            for (int i = 0; i < source.Verified.Count; i++)
            {
                _json.WriteStringValue(source.Verified[i]);
            }

            _json.WriteEndArray();
        }

        End();
    }

    private void Begin(ReadOnlySpan<byte> part)
    {
        _part = part;
        _open = false;
    }

    private readonly void End()
    {
        if (_open)
        {
            _json.WriteEndObject();
        }
    }

    private bool May(EventLeaf leaf)
    {
        if (_mapped.Has(leaf))
        {
            return false;
        }

        Open();
        return true;
    }

    private void Open()
    {
        if (!_open)
        {
            _json.WriteStartObject(_part);
            _open = true;
        }
    }

    private void Text(EventLeaf leaf, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null && May(leaf))
        {
            _json.WriteString(name, value);
        }
    }

    private void Number(EventLeaf leaf, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number && May(leaf))
        {
            _json.WriteNumber(name, number);
        }
    }
}
