using System.Text;
using Muniment.Events.Formats.Meaning;
using Muniment.Events.Formats.Residue;

namespace Muniment.Events.Formats.Udm;

/// <summary>
/// Google's Unified Data Model, one <c>udm</c> object. Marks in <c>additional.muniment</c>, everything without a field in <c>additional</c> under its canonical name.
/// See <c>docs/siem/formats.md</c>.
/// </summary>
internal sealed class UdmFormat : MappedJsonFormat
{
    /// <summary>Limits of UDM's metadata, bytes of UTF-8.</summary>
    public const int MaxEventTypeBytes = 64, MaxLogIdBytes = 256;

    private readonly SummaryText _summary = new();
    private string _type = UdmEventType.Generic;

    /// <inheritdoc/>
    public override string Name => "udm";

    /// <inheritdoc/>
    protected override void WriteMembers(in EventMarks marks)
    {
        _type = UdmEventType.Of(Event, Meaning);
        WriteMetadata();
        WritePrincipal();
        WriteTarget();
        WriteSecurityResult();
        if (!string.IsNullOrEmpty(Event.Trace?.Session))
        {
            Json.WriteStartObject("network"u8);
            Text("session_id"u8, Event.Trace.Session, EventLeaf.Session);
            Json.WriteEndObject();
        }

        if (Meaning.Family == ActionFamily.Authentication)
        {
            Json.WriteStartObject("extensions"u8);
            Json.WriteStartObject("auth"u8);
            Json.WriteString("type"u8, "AUTHTYPE_UNSPECIFIED"u8);
            Json.WriteEndObject();
            Json.WriteEndObject();
        }

        Json.WriteStartObject("additional"u8);
        MarkWriter.WriteNested(marks, Json);
        Residue();
        Json.WriteEndObject();
    }

    private void WriteMetadata()
    {
        Json.WriteStartObject("metadata"u8);
        Time("event_timestamp"u8, Event.TimeNs);
        Tick(EventLeaf.Ts);
        Time("collected_timestamp"u8, Event.ReceivedNs);
        Tick(EventLeaf.Received);
        Json.WriteString("event_type"u8, _type);
        Json.WriteString("vendor_name"u8, "Muniment"u8);
        Json.WriteString("product_name"u8, "Muniment"u8);
        if (Encoding.UTF8.GetByteCount(Event.Action) <= MaxEventTypeBytes)
        {
            Text("product_event_type"u8, Event.Action, EventLeaf.Action);
        }
        else
        {
            Json.WriteString("product_event_type"u8, Utf8Cut.ToBytes(Event.Action, MaxEventTypeBytes)); // the whole of it stays in additional
        }

        if (Event.Id.Length <= MaxLogIdBytes)
        {
            Text("product_log_id"u8, Event.Id, EventLeaf.Id);
        }

        _summary.Write(Json, "description"u8, Event);
        Json.WriteEndObject();
    }

    private void WritePrincipal()
    {
        Json.WriteStartObject("principal"u8);
        WriteUser(Event.Actor.Human, withId: true);
        string? asset = !string.IsNullOrEmpty(Event.Agent?.Instance) ? Event.Agent.Instance : !string.IsNullOrEmpty(Event.Resource?.Workspace) ? Event.Resource.Workspace : Event.Actor.Id;
        WriteId("asset_id"u8, string.IsNullOrEmpty(asset) ? "unknown" : asset); // the machine identifier that most types ask for: agents tell no host
        if (NetworkAddress.IsOne(Event.Client?.Address))
        {
            Json.WriteStartArray("ip"u8);
            Json.WriteStringValue(Event.Client!.Address);
            Json.WriteEndArray();
            Tick(EventLeaf.ClientAddress);
        }
        else
        {
            Text("hostname"u8, Event.Client?.Address, EventLeaf.ClientAddress);
        }

        Text("application"u8, Event.Agent?.Kind, EventLeaf.AgentKind);
        if (!string.IsNullOrEmpty(Event.Client?.Place))
        {
            Json.WriteStartObject("location"u8);
            Text("name"u8, Event.Client.Place, EventLeaf.ClientPlace);
            Json.WriteEndObject();
        }

        Json.WriteEndObject();
    }

    private void WriteUser(string? name, bool withId)
    {
        bool named = !string.IsNullOrEmpty(name);
        string user = named ? name! : string.IsNullOrEmpty(Event.Actor.Id) ? "unknown" : Event.Actor.Id;
        Json.WriteStartObject("user"u8);
        Json.WriteString("userid"u8, user);
        if (MailAddress.IsOne(user))
        {
            Json.WriteStartArray("email_addresses"u8);
            Json.WriteStringValue(user);
            Json.WriteEndArray();
        }

        if (withId)
        {
            Text("product_object_id"u8, Event.Actor.Id, EventLeaf.ActorId);
            if (named)
            {
                Tick(EventLeaf.ActorUser);
            }
        }

        Json.WriteEndObject();
    }

    private void WriteTarget()
    {
        Json.WriteStartObject("target"u8);
        switch (Meaning.Family)
        {
            case ActionFamily.Command:
                Json.WriteStartObject("process"u8);
                Text("command_line"u8, Event.Tool?.Command, EventLeaf.ToolCommand);
                WriteId("product_specific_process_id"u8, string.IsNullOrEmpty(Event.Tool?.Call) ? Event.Id : Event.Tool.Call);
                Json.WriteEndObject();
                break;
            case ActionFamily.File when _type != UdmEventType.Generic:
                bool target = !string.IsNullOrEmpty(Event.Target);
                Json.WriteStartObject("file"u8);
                Text("full_path"u8, target ? Event.Target : Event.Artifact!.Name, target ? EventLeaf.Target : EventLeaf.ArtifactName);
                if (Event.Artifact?.Digest is { Length: 71 } digest && digest.StartsWith("sha256:", StringComparison.Ordinal))
                {
                    Json.WriteString("sha256"u8, digest.AsSpan(7));
                    Tick(EventLeaf.ArtifactDigest);
                }

                Json.WriteEndObject();
                break;
            case ActionFamily.Authentication:
                WriteUser(Event.Actor.Human, withId: false);
                Text("application"u8, Event.Target, EventLeaf.Target);
                break;
            case ActionFamily.Account or ActionFamily.Access when !string.IsNullOrEmpty(Event.Target):
                WriteUser(Event.Target, withId: false);
                Tick(EventLeaf.Target);
                break;
            default:
                WriteResource();
                break;
        }

        Json.WriteEndObject();
    }

    private void WriteResource()
    {
        string? model = Meaning.Family == ActionFamily.Model ? UdmEventType.Model(Event) : null;
        if (model is not null)
        {
            Text("application"u8, Event.Target, EventLeaf.Target); // of a model call, the upstream
        }
        else
        {
            Text("application"u8, Event.Tool?.Server, EventLeaf.ToolServer);
        }

        if ((model ?? UdmEventType.Resource(Event)) is not { } name)
        {
            return;
        }

        Json.WriteStartObject("resource"u8);
        Json.WriteString("name"u8, name);
        if (model is not null)
        {
            Tick(string.IsNullOrEmpty(Event.Model!.Served) ? EventLeaf.ModelRequested : EventLeaf.ModelServed);
        }
        else if (ReferenceEquals(name, Event.Target))
        {
            Tick(EventLeaf.Target);
        }

        if (Meaning.Family == ActionFamily.Configuration)
        {
            Json.WriteString("resource_type"u8, "SETTING"u8);
        }

        Json.WriteString("resource_subtype"u8, Meaning.Family switch
        {
            ActionFamily.Model => "model"u8, ActionFamily.Mcp or ActionFamily.Tool => "tool"u8, ActionFamily.Repository => "repository"u8, ActionFamily.Configuration => "setting"u8, _ => "other"u8,
        });
        Text("product_object_id"u8, Event.Artifact?.Digest, EventLeaf.ArtifactDigest);
        Json.WriteEndObject();
    }

    private void WriteSecurityResult()
    {
        Json.WriteStartArray("security_result"u8);
        Json.WriteStartObject();
        Json.WriteStartArray("action"u8);
        Json.WriteStringValue(Event.Result switch { "allowed" => "ALLOW"u8, "denied" => "BLOCK"u8, "modified" or "redacted" => "ALLOW_WITH_MODIFICATION"u8, _ => "UNKNOWN_ACTION"u8 });
        Json.WriteEndArray();
        Text("action_details"u8, Event.Result, EventLeaf.Result);
        if (Event.Result == "denied" || (Meaning.Family == ActionFamily.Authentication && Meaning.Status == EventStatus.Failure))
        {
            Json.WriteStartArray("category"u8);
            Json.WriteStringValue(Meaning.Family == ActionFamily.Authentication ? "AUTH_VIOLATION"u8 : "POLICY_VIOLATION"u8);
            Json.WriteEndArray();
        }

        Json.WriteString("severity"u8, Meaning.Severity switch
        {
            EventSeverity.Critical => "CRITICAL"u8, EventSeverity.High => "HIGH"u8, EventSeverity.Medium => "MEDIUM"u8, EventSeverity.Low => "LOW"u8, _ => "INFORMATIONAL"u8,
        });
        Text("rule_name"u8, Event.Policy?.Rule, EventLeaf.PolicyRule);
        Text("rule_id"u8, Event.Policy?.Id, EventLeaf.PolicyId);
        Text("summary"u8, Event.Reason, EventLeaf.Reason);
        Json.WriteEndObject();
        Json.WriteEndArray();
    }

    /// <summary>UDM wants ids of products as <c>VENDOR:ID</c>.</summary>
    private void WriteId(ReadOnlySpan<byte> name, string id)
    {
        Span<char> text = stackalloc char[160];
        "MUNIMENT:".CopyTo(text);
        int take = Math.Min(id.Length, text.Length - 9);
        take -= take < id.Length && char.IsHighSurrogate(id[take - 1]) ? 1 : 0;
        id.AsSpan(0, take).CopyTo(text[9..]);
        Json.WriteString(name, text[..(9 + take)]);
    }
}
