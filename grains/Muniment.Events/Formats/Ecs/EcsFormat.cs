using Muniment.Events.Formats.Meaning;
using Muniment.Events.Formats.Residue;

namespace Muniment.Events.Formats.Ecs;

/// <summary>
/// Elastic Common Schema. Marks and everything without an ECS field in the object <c>muniment</c> (ECS leaves a namespace of one's own to custom fields); <c>details</c> is
/// one text there, because an index makes a field of every member and refuses an event whose member has another type. See <c>docs/siem/formats.md</c>.
/// </summary>
internal sealed class EcsFormat : MappedJsonFormat
{
    /// <summary><c>ecs.version</c></summary>
    public const string SchemaVersion = "9.5.0";

    private readonly SummaryText _summary = new();

    /// <inheritdoc/>
    public override string Name => "ecs";

    /// <inheritdoc/>
    protected override void WriteMembers(in EventMarks marks)
    {
        Time("@timestamp"u8, Event.TimeNs);
        Tick(EventLeaf.Ts);
        Json.WriteStartObject("ecs"u8);
        Json.WriteString("version"u8, SchemaVersion);
        Json.WriteEndObject();
        _summary.Write(Json, "message"u8, Event);
        WriteEvent();
        WriteUser();
        WriteClient();
        WriteAi();
        WriteObject();
        WriteRule();
        WriteTrace();
        WriteLabels();
        Json.WriteStartObject("observer"u8);
        Json.WriteString("vendor"u8, "Muniment"u8);
        Json.WriteString("product"u8, "Muniment"u8);
        Json.WriteString("type"u8, "audit"u8);
        Json.WriteEndObject();
        Json.WriteStartObject("muniment"u8);
        MarkWriter.WriteMembers(marks, Json);
        if (!marks.IsNone)
        {
            Tick(EventLeaf.Seq);
        }

        Residue(detailsAsText: true);
        Json.WriteEndObject();
    }

    private void WriteEvent()
    {
        EcsCategory category = EcsCategory.Of(Meaning, Event.Result);
        Json.WriteStartObject("event"u8);
        Json.WriteString("kind"u8, Meaning.Family == ActionFamily.Alert ? "alert"u8 : "event"u8);
        Json.WriteStartArray("category"u8);
        Json.WriteStringValue(category.First);
        Also(category.Second);
        Json.WriteEndArray();
        Json.WriteStartArray("type"u8);
        Json.WriteStringValue(category.Type);
        Also(category.SecondType);
        Also(category.Verdict);
        Json.WriteEndArray();
        Text("action"u8, Event.Action, EventLeaf.Action);
        Json.WriteString("outcome"u8, Meaning.Status switch { EventStatus.Success => "success"u8, EventStatus.Failure => "failure"u8, _ => "unknown"u8 });
        Text("reason"u8, Event.Reason, EventLeaf.Reason);
        Text("id"u8, Event.Id, EventLeaf.Id);
        if (Event.Seq >= 0)
        {
            Json.WriteNumber("sequence"u8, Event.Seq);
            Tick(EventLeaf.Seq);
        }

        Time("created"u8, Event.ReceivedNs);
        Tick(EventLeaf.Received);
        Json.WriteString("module"u8, "muniment"u8);
        Json.WriteString("dataset"u8, Event.Stream switch
        {
            "admin" => "muniment.admin"u8, "decision" => "muniment.decision"u8, "alert" => "muniment.alert"u8, "system" => "muniment.system"u8, _ => "muniment.activity"u8,
        });
        Text("provider"u8, Event.Source.Receiver, EventLeaf.SourceReceiver);
        Json.WriteNumber("severity"u8, (int)Meaning.Severity);
        if (Event.Risk is not null)
        {
            Json.WriteNumber("risk_score"u8, Event.Risk switch { "critical" => 99, "high" => 73, "medium" => 47, _ => 21 }); // the scores of Elastic's own rules
        }

        if (Event.Tool?.DurationMs is { } duration && duration is >= 0 and < 9e12)
        {
            Json.WriteNumber("duration"u8, (long)(duration * 1e6));
        }

        Json.WriteEndObject();
    }

    private void WriteUser()
    {
        string? human = Event.Actor.Human;
        Json.WriteStartObject("user"u8);
        Text("name"u8, string.IsNullOrEmpty(human) ? Event.Actor.Id : human, string.IsNullOrEmpty(human) ? EventLeaf.ActorId : EventLeaf.ActorUser);
        Text("id"u8, Event.Actor.Id, EventLeaf.ActorId);
        if (human is not null && MailAddress.IsOne(human))
        {
            Json.WriteString("email"u8, human);
        }

        if (Meaning.Family is ActionFamily.Account or ActionFamily.Access && !string.IsNullOrEmpty(Event.Target))
        {
            Json.WriteStartObject("target"u8);
            Text("name"u8, Event.Target, EventLeaf.Target);
            Json.WriteEndObject();
        }

        Json.WriteEndObject();
        Json.WriteStartObject("related"u8);
        Json.WriteStartArray("user"u8);
        Also(human);
        Also(human == Event.Actor.Id ? null : Event.Actor.Id);
        Json.WriteEndArray();
        if (NetworkAddress.IsOne(Event.Client?.Address))
        {
            Json.WriteStartArray("ip"u8);
            Json.WriteStringValue(Event.Client!.Address);
            Json.WriteEndArray();
        }

        Json.WriteEndObject();
    }

    private void WriteClient()
    {
        if (Event.Client is not { } client)
        {
            return;
        }

        Json.WriteStartObject("client"u8);
        Text("address"u8, client.Address, EventLeaf.ClientAddress);
        if (NetworkAddress.IsOne(client.Address))
        {
            Json.WriteString("ip"u8, client.Address);
        }

        if (!string.IsNullOrEmpty(client.Place))
        {
            Json.WriteStartObject("geo"u8);
            Text("name"u8, client.Place, EventLeaf.ClientPlace);
            Json.WriteEndObject();
        }

        Json.WriteEndObject();
    }

    private void WriteAi()
    {
        Json.WriteStartObject("gen_ai"u8);
        Json.WriteStartObject("agent"u8);
        Text("name"u8, Event.Agent?.Kind, EventLeaf.AgentKind);
        Text("id"u8, Event.Agent?.Instance, EventLeaf.AgentInstance);
        Json.WriteEndObject();
        if (Meaning.Family is ActionFamily.Model or ActionFamily.Tool or ActionFamily.Mcp or ActionFamily.Command)
        {
            Json.WriteStartObject("operation"u8);
            Json.WriteString("name"u8, Meaning.Family == ActionFamily.Model ? "chat"u8 : "execute_tool"u8);
            Json.WriteEndObject();
        }

        if (Event.Model is { } model)
        {
            Member("provider"u8, "name"u8, model.Provider, EventLeaf.ModelProvider);
            Member("request"u8, "model"u8, model.Requested, EventLeaf.ModelRequested);
            Member("response"u8, "model"u8, model.Served, EventLeaf.ModelServed);
        }

        if (Event.Tool is { } tool)
        {
            Json.WriteStartObject("tool"u8);
            Text("name"u8, tool.Name, EventLeaf.ToolName);
            Member("call"u8, "id"u8, tool.Call, EventLeaf.ToolCall);
            Json.WriteEndObject();
        }

        if (Event.Usage is { } usage)
        {
            Json.WriteStartObject("usage"u8); // input counts the cached parts too, as OpenTelemetry has it; the disjoint counts are in muniment.usage
            Int32("input_tokens"u8, (UInt128)Math.Max(0, usage.Input ?? 0) + (UInt128)Math.Max(0, usage.CacheRead ?? 0) + (UInt128)Math.Max(0, usage.CacheWrite ?? 0));
            Int32("output_tokens"u8, (UInt128)Math.Max(0, usage.Output ?? 0));
            Json.WriteEndObject();
        }

        Json.WriteEndObject();
    }

    private void WriteObject()
    {
        switch (Meaning.Family)
        {
            case ActionFamily.Command:
                Json.WriteStartObject("process"u8);
                Text("command_line"u8, Event.Tool?.Command, EventLeaf.ToolCommand);
                Text("entity_id"u8, Event.Tool?.Call);
                Number("exit_code"u8, Event.Tool?.ExitCode, EventLeaf.ToolExitCode);
                Json.WriteEndObject();
                break;
            case ActionFamily.File:
                WriteFile();
                break;
            case ActionFamily.Application when Meaning.Verb is ActionVerb.Install or ActionVerb.Delete or ActionVerb.Update:
                Json.WriteStartObject("package"u8);
                bool named = !string.IsNullOrEmpty(Event.Artifact?.Name);
                Text("name"u8, named ? Event.Artifact!.Name : Event.Target, named ? EventLeaf.ArtifactName : EventLeaf.Target);
                Text("version"u8, Event.Artifact?.Version, EventLeaf.ArtifactVersion);
                Json.WriteEndObject();
                break;
        }
    }

    private void WriteFile()
    {
        bool target = !string.IsNullOrEmpty(Event.Target);
        string? path = target ? Event.Target : Event.Artifact?.Name;
        Json.WriteStartObject("file"u8);
        Text("path"u8, path, target ? EventLeaf.Target : EventLeaf.ArtifactName);
        if (path is not null && path.LastIndexOfAny(['/', '\\']) is var slash && slash < path.Length - 1)
        {
            Json.WriteString("name"u8, path.AsSpan(slash + 1));
            int dot = path.LastIndexOf('.');
            if (dot > slash + 1 && dot < path.Length - 1)
            {
                Json.WriteString("extension"u8, path.AsSpan(dot + 1));
            }
        }

        if (Event.Artifact?.Digest is { Length: 71 } digest && digest.StartsWith("sha256:", StringComparison.Ordinal))
        {
            Json.WriteStartObject("hash"u8);
            Json.WriteString("sha256"u8, digest.AsSpan(7));
            Json.WriteEndObject();
            Tick(EventLeaf.ArtifactDigest);
        }

        Json.WriteEndObject();
    }

    private void WriteRule()
    {
        if (Event.Policy is not { } policy)
        {
            return;
        }

        Json.WriteStartObject("rule"u8);
        Text("ruleset"u8, policy.Id, EventLeaf.PolicyId);
        Text("name"u8, policy.Rule, EventLeaf.PolicyRule);
        Text("uuid"u8, policy.Digest, EventLeaf.PolicyDigest);
        if (policy.Version is { } version)
        {
            Span<char> digits = stackalloc char[20];
            version.TryFormat(digits, out int length, provider: System.Globalization.CultureInfo.InvariantCulture);
            Json.WriteString("version"u8, digits[..length]);
            Tick(EventLeaf.PolicyVersion);
        }

        Json.WriteEndObject();
    }

    private void WriteTrace()
    {
        Member("trace"u8, "id"u8, Event.Trace?.TraceId, EventLeaf.TraceId);
        Member("span"u8, "id"u8, Event.Trace?.SpanId, EventLeaf.SpanId);
    }

    private void WriteLabels()
    {
        Json.WriteStartObject("labels"u8);
        Text("session"u8, Event.Trace?.Session, EventLeaf.Session);
        Text("correlation"u8, Event.Trace?.Correlation, EventLeaf.Correlation);
        if (Event.Resource is { } resource)
        {
            Text("workspace"u8, resource.Workspace, EventLeaf.Workspace);
            Text("project"u8, resource.Project, EventLeaf.Project);
            Text("team"u8, resource.Team, EventLeaf.Team);
            Text("environment"u8, resource.Environment, EventLeaf.Environment);
            Text("repo"u8, resource.Repo, EventLeaf.Repo);
            Text("ticket"u8, resource.Ticket, EventLeaf.Ticket);
            Text("incident"u8, resource.Incident, EventLeaf.Incident);
        }

        Json.WriteEndObject();
    }

    private void Member(ReadOnlySpan<byte> part, ReadOnlySpan<byte> name, string? value, EventLeaf leaf)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Json.WriteStartObject(part);
            Text(name, value, leaf);
            Json.WriteEndObject();
        }
    }

    /// <summary>ECS counts tokens in 32 bits; a larger count stays in <c>muniment.usage</c> alone.</summary>
    private void Int32(ReadOnlySpan<byte> name, UInt128 value)
    {
        if (value <= int.MaxValue)
        {
            Json.WriteNumber(name, (int)value);
        }
    }

    private void Also(string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Json.WriteStringValue(value);
        }
    }
}
