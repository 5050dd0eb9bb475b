using Muniment.Events.Formats.Meaning;
using Muniment.Events.Formats.Residue;

namespace Muniment.Events.Formats.Cim;

/// <summary>
/// JSON with the names of Splunk's Common Information Model at the top, so that data models need no field aliases. Marks as <c>muniment.seq</c> and so on; everything without
/// a CIM name in the object <c>canonical</c>. See <c>docs/siem/formats.md</c>.
/// </summary>
internal sealed class CimFormat : MappedJsonFormat
{
    private readonly SummaryText _summary = new();

    /// <inheritdoc/>
    public override string Name => "cim";

    /// <inheritdoc/>
    protected override void WriteMembers(in EventMarks marks)
    {
        CimModel model = CimWords.ModelOf(Meaning.Family);
        Time("timestamp"u8, Event.TimeNs);
        Tick(EventLeaf.Ts);
        Json.WriteString("vendor_product"u8, "Muniment"u8);
        Json.WriteString("cim_model"u8, CimWords.NameOf(model));
        Json.WriteString("action"u8, CimWords.ActionOf(model, Meaning, Event.Result));
        Json.WriteString("status"u8, Meaning.Status == EventStatus.Failure ? "failure"u8 : "success"u8);
        Json.WriteString("severity"u8, Meaning.Severity switch
        {
            EventSeverity.Critical => "critical"u8, EventSeverity.High => "high"u8, EventSeverity.Medium => "medium"u8, EventSeverity.Low => "low"u8, _ => "informational"u8,
        });
        Text("signature"u8, Event.Action, EventLeaf.Action);
        Text("signature_id"u8, Event.Policy?.Rule, EventLeaf.PolicyRule);
        Text("id"u8, Event.Id, EventLeaf.Id);
        _summary.Write(Json, "description"u8, Event);
        Text("result"u8, Event.Reason, EventLeaf.Reason);
        Text("result_id"u8, Event.Result, EventLeaf.Result);
        WriteWho();
        WriteWhat(model);
        MarkWriter.WriteDotted(marks, Json);
        Json.WriteStartObject("canonical"u8);
        Residue();
        Json.WriteEndObject();
    }

    private void WriteWho()
    {
        string? human = Event.Actor.Human;
        bool named = !string.IsNullOrEmpty(human);
        Text("user"u8, named ? human : Event.Actor.Id, named ? EventLeaf.ActorUser : EventLeaf.ActorId);
        Text("user_id"u8, Event.Actor.Id, EventLeaf.ActorId);
        Text("user_type"u8, Event.Actor.Type, EventLeaf.ActorType);
        bool agent = !string.IsNullOrEmpty(Event.Agent?.Kind);
        Json.WriteString("app"u8, agent ? Event.Agent!.Kind : "muniment");
        if (agent)
        {
            Tick(EventLeaf.AgentKind);
        }

        Text("src"u8, Event.Client?.Address, EventLeaf.ClientAddress);
        if (NetworkAddress.IsOne(Event.Client?.Address))
        {
            Json.WriteString("src_ip"u8, Event.Client!.Address);
        }

        bool place = !string.IsNullOrEmpty(Event.Resource?.Workspace);
        bool instance = !string.IsNullOrEmpty(Event.Agent?.Instance);
        Json.WriteString("dest"u8, place ? Event.Resource!.Workspace : instance ? Event.Agent!.Instance : "unknown");
        if (place)
        {
            Tick(EventLeaf.Workspace);
        }
        else if (instance)
        {
            Tick(EventLeaf.AgentInstance);
        }

        Json.WriteString("dvc"u8, "muniment"u8);
        Text("session_id"u8, Event.Trace?.Session, EventLeaf.Session);
    }

    private void WriteWhat(CimModel model)
    {
        switch (model)
        {
            case CimModel.Processes:
                Text("process"u8, Event.Tool?.Command, EventLeaf.ToolCommand);
                Text("process_id"u8, Event.Tool?.Call, EventLeaf.ToolCall);
                Json.WriteString("process_name"u8, FirstWord(Event.Tool?.Command));
                Text("parent_process_name"u8, Event.Agent?.Kind);
                break;
            case CimModel.Filesystem:
                WriteFile();
                break;
            case CimModel.Alerts:
                Json.WriteString("type"u8, "alert"u8);
                Text("object"u8, Event.Target, EventLeaf.Target);
                break;
            case CimModel.Authentication:
                Text("object"u8, Event.Target, EventLeaf.Target);
                break;
            default:
                WriteObject(model);
                break;
        }
    }

    private void WriteFile()
    {
        bool target = !string.IsNullOrEmpty(Event.Target);
        string? path = target ? Event.Target : Event.Artifact?.Name;
        Text("file_path"u8, path, target ? EventLeaf.Target : EventLeaf.ArtifactName);
        if (path is not null && path.LastIndexOfAny(['/', '\\']) is var slash && slash < path.Length - 1)
        {
            Json.WriteString("file_name"u8, path.AsSpan(slash + 1));
        }

        Text("file_hash"u8, Event.Artifact?.Digest, EventLeaf.ArtifactDigest);
    }

    private void WriteObject(CimModel model)
    {
        Text("object"u8, Event.Target, EventLeaf.Target);
        Text("object_id"u8, Event.Artifact?.Digest, EventLeaf.ArtifactDigest);
        Text("command"u8, Event.Tool?.Command, EventLeaf.ToolCommand);
        int dot = Event.Action.IndexOf('.');
        Json.WriteString("object_category"u8, Meaning.Family == ActionFamily.Account ? "user" : dot > 0 ? Event.Action.AsSpan(0, dot) : "unknown");
        if (model == CimModel.Change)
        {
            Json.WriteString("change_type"u8, Meaning.Family switch
            {
                ActionFamily.Account or ActionFamily.Access => "AAA"u8, ActionFamily.Repository => "filesystem"u8, ActionFamily.Application => "application"u8, _ => "config"u8,
            });
        }
    }

    private static ReadOnlySpan<char> FirstWord(string? command)
    {
        ReadOnlySpan<char> text = command.AsSpan().TrimStart();
        int end = text.IndexOfAny(" \t\r\n");
        text = end < 0 ? text : text[..end];
        return text.IsEmpty ? "unknown" : text;
    }
}
