using Muniment.Events.Canonical;
using Muniment.Events.Formats.Residue;

namespace Muniment.Events.Formats.Ocsf;

/// <content>The objects that each class is about.</content>
internal sealed partial class OcsfFormat
{
    private const string Unknown = "unknown";

    private string Application => OcsfClass.NotEmpty(Event.Agent?.Kind) ?? OcsfClass.NotEmpty(Event.Actor.Id) ?? Unknown;

    private void WriteClassObjects()
    {
        WriteActor();
        switch (_class.Uid)
        {
            case OcsfClass.ProcessActivity:
                WriteDevice();
                WriteProcess();
                break;
            case OcsfClass.FileActivity:
                WriteDevice();
                WriteFile();
                break;
            case OcsfClass.EventLogActivity:
                Json.WriteString("log_name"u8, "muniment"u8);
                WriteSource();
                break;
            case OcsfClass.Authentication:
                WriteSubject(null);
                Json.WriteStartObject("service"u8);
                Json.WriteString("name"u8, OcsfClass.NotEmpty(Event.Target) ?? "Muniment");
                Json.WriteEndObject();
                Tick(EventLeaf.Target);
                WriteSession();
                WriteSource();
                break;
            case OcsfClass.AccountChange or OcsfClass.UserAccess:
                WriteSubject(Event.Target);
                Tick(EventLeaf.Target);
                WritePrivileges();
                WriteSource();
                break;
            case OcsfClass.EntityManagement:
                WriteEntity();
                WriteSource();
                break;
            case OcsfClass.WebResources:
                WriteWebResource();
                WriteSource();
                break;
            case OcsfClass.ApplicationLifecycle:
                WriteApplication();
                break;
            case OcsfClass.DetectionFinding:
                WriteFinding();
                break;
            default:
                WriteApi();
                WriteSource();
                WriteResources();
                break;
        }
    }

    private void WriteActor()
    {
        Json.WriteStartObject("actor"u8);
        Text("app_name"u8, Event.Agent?.Kind, EventLeaf.AgentKind);
        Text("app_uid"u8, Event.Agent?.Instance, EventLeaf.AgentInstance);
        string? human = OcsfClass.NotEmpty(Event.Actor.Human);
        Json.WriteStartObject("user"u8);
        Json.WriteString("name"u8, human ?? OcsfClass.NotEmpty(Event.Actor.Id) ?? Unknown);
        Text("uid"u8, Event.Actor.Id, EventLeaf.ActorId);
        if (human is not null)
        {
            Tick(EventLeaf.ActorUser);
            WriteAddress(human);
        }

        (int type, string name) = Event.Actor.Type switch
        {
            "user" => (1, "User"),
            "service" => (4, "Service"),
            "agent" or "key" => (99, Event.Actor.Type),
            _ => (0, "Unknown"),
        };
        Json.WriteNumber("type_id"u8, type);
        Json.WriteString("type"u8, name);
        Tick(EventLeaf.ActorType);
        Json.WriteEndObject();
        if (_class.Uid != OcsfClass.Authentication)
        {
            WriteSession();
        }

        Json.WriteEndObject();
    }

    private void WriteSession()
    {
        if (!string.IsNullOrEmpty(Event.Trace?.Session))
        {
            Json.WriteStartObject("session"u8);
            Text("uid"u8, Event.Trace.Session, EventLeaf.Session);
            Json.WriteEndObject();
        }
    }

    private void WriteSubject(string? name)
    {
        string subject = OcsfClass.NotEmpty(name) ?? OcsfClass.NotEmpty(Event.Actor.Human) ?? OcsfClass.NotEmpty(Event.Actor.Id) ?? Unknown;
        Json.WriteStartObject("user"u8);
        Json.WriteString("name"u8, subject);
        WriteAddress(subject);
        Json.WriteEndObject();
    }

    private void WriteAddress(string name)
    {
        if (MailAddress.IsOne(name))
        {
            Json.WriteString("email_addr"u8, name);
        }
    }

    private void WritePrivileges()
    {
        if (_class.Uid == OcsfClass.UserAccess)
        {
            Json.WriteStartArray("privileges"u8);
            Json.WriteStringValue(Event.Artifact!.Name);
            Json.WriteEndArray();
            Tick(EventLeaf.ArtifactName);
        }
    }

    private void WriteSource()
    {
        if (_class.Uid != OcsfClass.ApiActivity && string.IsNullOrEmpty(Event.Client?.Address))
        {
            return; // required only there
        }

        Json.WriteStartObject("src_endpoint"u8);
        Json.WriteString("svc_name"u8, Application);
        Text(NetworkAddress.IsOne(Event.Client?.Address) ? "ip"u8 : "name"u8, Event.Client?.Address, EventLeaf.ClientAddress);
        Json.WriteEndObject();
    }

    private void WriteDevice()
    {
        Json.WriteStartObject("device"u8);
        Json.WriteNumber("type_id"u8, 0);
        Json.WriteString("type"u8, "Unknown"u8);
        string? place = OcsfClass.NotEmpty(Event.Resource?.Workspace);
        Json.WriteString("name"u8, place ?? OcsfClass.NotEmpty(Event.Agent?.Instance) ?? Application);
        if (place is not null)
        {
            Tick(EventLeaf.Workspace);
        }

        Text(NetworkAddress.IsOne(Event.Client?.Address) ? "ip"u8 : "uid"u8, Event.Client?.Address, EventLeaf.ClientAddress);
        Json.WriteEndObject();
    }

    private void WriteProcess()
    {
        Json.WriteStartObject("process"u8);
        string? call = OcsfClass.NotEmpty(Event.Tool?.Call);
        Json.WriteString("uid"u8, call ?? Event.Id); // agents give no pid: the call's id is what names it
        if (call is not null)
        {
            Tick(EventLeaf.ToolCall);
        }

        Text("cmd_line"u8, Event.Tool?.Command, EventLeaf.ToolCommand);
        Text("name"u8, Event.Tool?.Name, EventLeaf.ToolName);
        Text("working_directory"u8, Event.Target, EventLeaf.Target);
        Json.WriteEndObject();
        if (Event.Tool?.ExitCode is { } code && Fits(code))
        {
            Number("exit_code"u8, code, EventLeaf.ToolExitCode);
        }
    }

    private void WriteFile()
    {
        string path = OcsfClass.FileName(Event)!;
        int slash = path.LastIndexOfAny(['/', '\\']);
        Json.WriteStartObject("file"u8);
        Json.WriteString("name"u8, slash >= 0 && slash < path.Length - 1 ? path.AsSpan(slash + 1) : path);
        Json.WriteNumber("type_id"u8, 1);
        Json.WriteString("type"u8, "Regular File"u8);
        if (string.IsNullOrEmpty(Event.Target))
        {
            Text("path"u8, path, EventLeaf.ArtifactName);
        }
        else
        {
            Text("path"u8, path, EventLeaf.Target);
        }

        Text("version"u8, Event.Artifact?.Version, EventLeaf.ArtifactVersion);
        if (Event.Artifact?.Digest is { Length: > 0 } digest)
        {
            bool sha256 = digest.StartsWith("sha256:", StringComparison.Ordinal) && digest.Length == 71;
            Json.WriteStartArray("hashes"u8);
            Json.WriteStartObject();
            Json.WriteNumber("algorithm_id"u8, sha256 ? 3 : 99);
            Json.WriteString("algorithm"u8, sha256 ? "SHA-256"u8 : "other"u8);
            Json.WriteString("value"u8, sha256 ? digest.AsSpan(7) : digest);
            Json.WriteEndObject();
            Json.WriteEndArray();
            Tick(EventLeaf.ArtifactDigest);
        }

        Json.WriteEndObject();
    }

    private void WriteEntity()
    {
        int dot = Event.Action.IndexOf('.');
        ReadOnlySpan<char> resource = dot > 0 ? Event.Action.AsSpan(0, dot) : Event.Action;
        Json.WriteStartObject("entity"u8);
        string? name = OcsfClass.NotEmpty(Event.Target);
        Json.WriteString("name"u8, name is null && resource.IsEmpty ? Unknown : name ?? resource);
        if (name is not null)
        {
            Tick(EventLeaf.Target);
        }

        bool policy = resource.SequenceEqual("policy");
        Json.WriteNumber("type_id"u8, policy ? 5 : 99);
        Json.WriteString("type"u8, policy ? "Policy" : resource);
        Text("uid"u8, Event.Artifact?.Digest, EventLeaf.ArtifactDigest);
        Text("version"u8, Event.Artifact?.Version, EventLeaf.ArtifactVersion);
        Json.WriteEndObject();
    }

    private void WriteWebResource()
    {
        Json.WriteStartArray("web_resources"u8);
        Json.WriteStartObject();
        bool repo = !string.IsNullOrEmpty(Event.Resource?.Repo);
        Text("name"u8, repo ? Event.Resource!.Repo : Event.Target, repo ? EventLeaf.Repo : EventLeaf.Target);
        Json.WriteString("type"u8, "repository"u8);
        Json.WriteEndObject();
        Json.WriteEndArray();
    }

    private void WriteApplication()
    {
        Json.WriteStartObject("app"u8);
        Json.WriteString("name"u8, Application);
        Json.WriteString("vendor_name"u8, Unknown);
        Text("version"u8, Event.Agent?.Version, EventLeaf.AgentVersion);
        Json.WriteEndObject();
    }

    private void WriteFinding()
    {
        Json.WriteStartObject("finding_info"u8);
        Json.WriteString("uid"u8, OcsfClass.NotEmpty(Event.Artifact?.Digest) ?? Event.Id);
        Json.WriteString("title"u8, OcsfClass.NotEmpty(Event.Reason) ?? OcsfClass.NotEmpty(Event.Target) ?? Event.Action);
        Json.WriteNumber("created_time"u8, Event.ReceivedNs / NsPerMs);
        string? rule = OcsfClass.NotEmpty(Event.Policy?.Rule) ?? OcsfClass.NotEmpty(Event.Artifact?.Name);
        if (rule is not null)
        {
            Json.WriteStartObject("analytic"u8);
            Json.WriteString("name"u8, rule);
            Json.WriteNumber("type_id"u8, 1);
            Json.WriteString("type"u8, "Rule"u8);
            Json.WriteEndObject();
        }

        Json.WriteEndObject();
        Json.WriteBoolean("is_alert"u8, true);
        if (!string.IsNullOrEmpty(Event.Target))
        {
            Json.WriteStartArray("resources"u8);
            Json.WriteStartObject();
            Text("name"u8, Event.Target, EventLeaf.Target);
            Json.WriteEndObject();
            Json.WriteEndArray();
        }
    }

    private void WriteApi()
    {
        Json.WriteStartObject("api"u8);
        Json.WriteString("operation"u8, OcsfClass.NotEmpty(Event.Action) ?? Unknown);
        if (!string.IsNullOrEmpty(Event.Tool?.Server))
        {
            Json.WriteStartObject("service"u8);
            Text("name"u8, Event.Tool.Server, EventLeaf.ToolServer);
            Json.WriteEndObject();
        }

        if (!string.IsNullOrEmpty(Event.Trace?.Request))
        {
            Json.WriteStartObject("request"u8);
            Text("uid"u8, Event.Trace.Request, EventLeaf.Request);
            Json.WriteEndObject();
        }

        Json.WriteEndObject();
    }

    private void WriteResources()
    {
        ArtifactPart? artifact = Event.Artifact;
        bool named = !string.IsNullOrEmpty(artifact?.Name) || !string.IsNullOrEmpty(artifact?.Digest);
        bool tool = !string.IsNullOrEmpty(Event.Tool?.Name) || !string.IsNullOrEmpty(Event.Tool?.Call);
        if (!named && !tool && string.IsNullOrEmpty(Event.Target))
        {
            return;
        }

        Json.WriteStartArray("resources"u8);
        if (!string.IsNullOrEmpty(Event.Target))
        {
            Json.WriteStartObject();
            Text("name"u8, Event.Target, EventLeaf.Target);
            Json.WriteNumber("role_id"u8, 1);
            Json.WriteString("role"u8, "Target"u8);
            Json.WriteEndObject();
        }

        if (named)
        {
            Json.WriteStartObject();
            Text("name"u8, artifact!.Name, EventLeaf.ArtifactName);
            Text("uid"u8, artifact.Digest, EventLeaf.ArtifactDigest);
            Text("type"u8, artifact.Kind, EventLeaf.ArtifactKind);
            Text("version"u8, artifact.Version, EventLeaf.ArtifactVersion);
            Json.WriteEndObject();
        }

        if (tool)
        {
            Json.WriteStartObject();
            Json.WriteString("type"u8, "tool"u8);
            Text("name"u8, Event.Tool!.Name, EventLeaf.ToolName);
            Text("uid"u8, Event.Tool.Call, EventLeaf.ToolCall);
            Text("namespace"u8, Event.Tool.Namespace, EventLeaf.ToolNamespace);
            Json.WriteEndObject();
        }

        Json.WriteEndArray();
    }
}
