using Muniment.Events.Canonical.Fields;
using Muniment.Events.Formats.Meaning;
using Muniment.Events.Formats.Residue;

namespace Muniment.Events.Formats.Asim;

/// <summary>
/// Microsoft's Advanced Security Information Model: AuditEvent, FileEvent, Authentication and UserManagement as columns. Marks in <c>AdditionalFields.muniment</c>, everything
/// without a column in <c>AdditionalFields</c> under its canonical name. <c>Type</c> is the table's name, which the workspace sets. See <c>docs/siem/formats.md</c>.
/// </summary>
internal sealed class AsimFormat : MappedJsonFormat
{
    /// <summary>Longest <c>OldValue</c> or <c>NewValue</c>; a longer one stays in <c>AdditionalFields.details</c> alone.</summary>
    public const int MaxValueBytes = 8192;

    private readonly SummaryText _summary = new();
    private AsimSchema _schema;

    /// <inheritdoc/>
    public override string Name => "asim";

    /// <inheritdoc/>
    protected override void WriteMembers(in EventMarks marks)
    {
        _schema = AsimSchema.Of(Event, Meaning);
        WriteTimes();
        WriteEvent();
        WriteActor();
        WriteSource();
        switch (_schema.Name)
        {
            case AsimSchema.File:
                WriteFile();
                break;
            case AsimSchema.Authentication:
                WriteTargetUser(Event.Actor.Human ?? Event.Actor.Id, isTarget: false);
                break;
            case AsimSchema.UserManagement:
                WriteTargetUser(Event.Target, isTarget: true);
                break;
            default:
                WriteObject();
                break;
        }

        Json.WriteStartObject("AdditionalFields"u8);
        MarkWriter.WriteNested(marks, Json);
        Residue();
        Json.WriteEndObject();
    }

    /// <summary>Seven digits of a second, as many as the workspace keeps; all nine are in <c>AdditionalFields.ts</c>.</summary>
    private void WriteTimes()
    {
        Span<byte> text = stackalloc byte[Timestamps.SizeBytes];
        Timestamps.Format(Event.TimeNs, text);
        text[27] = (byte)'Z';
        Json.WriteString("TimeGenerated"u8, text[..28]);
        Json.WriteString("EventStartTime"u8, text[..28]);
        Json.WriteString("EventEndTime"u8, text[..28]);
    }

    private void WriteEvent()
    {
        Json.WriteNumber("EventCount"u8, 1);
        Json.WriteString("EventType"u8, _schema.EventType);
        Json.WriteString("EventResult"u8, Event.Result is "modified" or "redacted" ? "Partial"u8 : Meaning.Status switch
        {
            EventStatus.Success => "Success"u8, EventStatus.Failure => "Failure"u8, _ => "NA"u8,
        });
        switch (_schema.Name)
        {
            case AsimSchema.Authentication when Meaning.Status == EventStatus.Failure:
                Json.WriteString("EventResultDetails"u8, Event.Result == "denied" ? "Logon violates policy"u8 : "Other"u8);
                break;
            case AsimSchema.UserManagement when Meaning.Status == EventStatus.Failure:
                Json.WriteString("EventResultDetails"u8, Event.Result == "denied" ? "NotAuthorized"u8 : "Other"u8);
                break;
        }

        Text("EventOriginalResultDetails"u8, Event.Reason, EventLeaf.Reason);
        _summary.Write(Json, "EventMessage"u8, Event);
        Text("EventOriginalUid"u8, Event.Id, EventLeaf.Id);
        Text("EventOriginalType"u8, Event.Action, EventLeaf.Action);
        Text("EventOriginalSubType"u8, Event.Stream, EventLeaf.Stream);
        Json.WriteString("EventSeverity"u8, Meaning.Severity switch
        {
            EventSeverity.Critical or EventSeverity.High => "High"u8, EventSeverity.Medium => "Medium"u8, EventSeverity.Low => "Low"u8, _ => "Informational"u8,
        });
        Text("EventOriginalSeverity"u8, Event.Risk, EventLeaf.Risk);
        Json.WriteString("EventVendor"u8, "Muniment"u8);
        Json.WriteString("EventProduct"u8, "Muniment"u8);
        Json.WriteString("EventSchema"u8, _schema.Name);
        Json.WriteString("EventSchemaVersion"u8, _schema.Version);
        Json.WriteString("Dvc"u8, Device());
        if (EventMeaning.IsControlled(Event))
        {
            Json.WriteString("DvcAction"u8, Event.Result is "denied" ? "Deny"u8 : "Allow"u8);
        }

        Text("DvcOriginalAction"u8, Event.Result, EventLeaf.Result);
        Text("RuleName"u8, Event.Policy?.Rule, EventLeaf.PolicyRule);
    }

    private string Device()
    {
        if (!string.IsNullOrEmpty(Event.Resource?.Workspace))
        {
            Tick(EventLeaf.Workspace);
            return Event.Resource.Workspace;
        }

        return !string.IsNullOrEmpty(Event.Agent?.Instance) ? Event.Agent.Instance : "muniment";
    }

    private void WriteActor()
    {
        string? human = Event.Actor.Human;
        string name = string.IsNullOrEmpty(human) ? string.IsNullOrEmpty(Event.Actor.Id) ? "unknown" : Event.Actor.Id : human;
        Json.WriteString("ActorUsername"u8, name);
        Json.WriteString("ActorUsernameType"u8, MailAddress.IsOne(name) ? "UPN"u8 : "Simple"u8);
        if (!string.IsNullOrEmpty(human))
        {
            Tick(EventLeaf.ActorUser);
        }

        if (!string.IsNullOrEmpty(Event.Actor.Id))
        {
            Text("ActorUserId"u8, Event.Actor.Id, EventLeaf.ActorId);
            Json.WriteString("ActorUserIdType"u8, "Other"u8);
        }

        Json.WriteString("ActorUserType"u8, Event.Actor.Type switch
        {
            "user" => "Regular"u8,
            "service" => _schema.Name == AsimSchema.UserManagement ? "Service Principal"u8 : "Service"u8,
            "agent" or "key" => "Application"u8,
            _ => "Other"u8,
        });
        Text("ActorSessionId"u8, Event.Trace?.Session, EventLeaf.Session);
        Text("ActingAppId"u8, Event.Agent?.Instance, EventLeaf.AgentInstance);
        if (_schema.Name != AsimSchema.UserManagement)
        {
            Text("ActingAppName"u8, Event.Agent?.Kind, EventLeaf.AgentKind);
        }

        if (!string.IsNullOrEmpty(Event.Agent?.Kind))
        {
            Json.WriteString("ActingAppType"u8, "Other"u8);
        }
    }

    private void WriteSource()
    {
        if (NetworkAddress.IsOne(Event.Client?.Address))
        {
            Text("SrcIpAddr"u8, Event.Client!.Address, EventLeaf.ClientAddress);
        }
    }

    private void WriteFile()
    {
        bool target = !string.IsNullOrEmpty(Event.Target);
        string path = target ? Event.Target! : Event.Artifact!.Name!;
        Text("TargetFilePath"u8, path, target ? EventLeaf.Target : EventLeaf.ArtifactName);
        Json.WriteString("TargetFilePathType"u8, path switch
        {
            _ when path.Contains("://", StringComparison.Ordinal) => "URL"u8,
            _ when path.StartsWith(@"\\", StringComparison.Ordinal) => "Windows Share"u8,
            [_, ':', '\\', ..] => "Windows Local"u8,
            _ => "Unix"u8,
        });
        int slash = path.LastIndexOfAny(['/', '\\']);
        if (slash < path.Length - 1)
        {
            Json.WriteString("TargetFileName"u8, path.AsSpan(slash + 1));
        }

        if (Event.Artifact?.Digest is { Length: 71 } digest && digest.StartsWith("sha256:", StringComparison.Ordinal))
        {
            Json.WriteString("TargetFileSHA256"u8, digest.AsSpan(7));
            Tick(EventLeaf.ArtifactDigest);
        }
    }

    private void WriteTargetUser(string? name, bool isTarget)
    {
        if (string.IsNullOrEmpty(name))
        {
            return;
        }

        Json.WriteString("TargetUsername"u8, name);
        Json.WriteString("TargetUsernameType"u8, MailAddress.IsOne(name) ? "UPN"u8 : "Simple"u8);
        if (isTarget)
        {
            Tick(EventLeaf.Target);
        }
    }

    private void WriteObject()
    {
        Json.WriteString("Operation"u8, Event.Action.Length == 0 ? "unknown" : Event.Action);
        Text("Object"u8, Event.Target, EventLeaf.Target);
        Text("ObjectId"u8, Event.Artifact?.Digest, EventLeaf.ArtifactDigest);
        Json.WriteString("ObjectType"u8, Meaning.Family switch
        {
            ActionFamily.Configuration when Event.Action.StartsWith("policy.", StringComparison.Ordinal) || Event.Action.StartsWith("rule.", StringComparison.Ordinal) => "Policy Rule"u8,
            ActionFamily.Configuration => "Configuration Atom"u8,
            ActionFamily.Log => "Event Log"u8,
            ActionFamily.Model or ActionFamily.Mcp or ActionFamily.Application => "Service"u8,
            _ => "Other"u8,
        });
        if (!string.IsNullOrEmpty(Event.Tool?.Server))
        {
            Text("TargetAppName"u8, Event.Tool.Server, EventLeaf.ToolServer);
            Json.WriteString("TargetAppType"u8, "Service"u8);
        }

        if (Meaning.Family == ActionFamily.Configuration)
        {
            WriteChange("OldValue"u8, "before");
            WriteChange("NewValue"u8, "after");
        }
    }

    private void WriteChange(ReadOnlySpan<byte> name, string member)
    {
        FieldValue value = DetailPath.Find(Event.Details, member);
        if (value.Kind == FieldKind.Json && value.Json.Length is > 2 and <= MaxValueBytes)
        {
            Json.WriteString(name, value.Json.Span);
        }
    }
}
