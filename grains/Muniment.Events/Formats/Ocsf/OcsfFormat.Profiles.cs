using Muniment.Events.Canonical;
using Muniment.Events.Formats.Meaning;
using Muniment.Events.Formats.Residue;

namespace Muniment.Events.Formats.Ocsf;

/// <content>The profiles, and the observables to pivot on.</content>
internal sealed partial class OcsfFormat
{
    private void WriteProfiles()
    {
        if (_control)
        {
            WriteControl();
        }

        if (_ai)
        {
            WriteModel();
            WriteMessageContext();
        }

        if (_trace)
        {
            Json.WriteStartObject("trace"u8);
            Text("uid"u8, Event.Trace!.TraceId, EventLeaf.TraceId);
            Json.WriteEndObject();
        }
    }

    private void WriteControl()
    {
        (int action, string name, int disposition, string disposed) = Event.Result switch
        {
            "allowed" => (1, "Allowed", Event.Approval is null ? 1 : 8, Event.Approval is null ? "Allowed" : "Approved"),
            "denied" => (2, "Denied", 2, "Blocked"),
            "modified" or "redacted" => (4, "Modified", 11, "Corrected"),
            "error" => (0, "Unknown", 27, "Error"),
            _ => (3, "Observed", 17, "Logged"),
        };
        Json.WriteNumber("action_id"u8, action);
        Json.WriteString("action"u8, name);
        Json.WriteNumber("disposition_id"u8, disposition);
        Json.WriteString("disposition"u8, disposed);
        if (_class.Uid != OcsfClass.DetectionFinding)
        {
            Json.WriteBoolean("is_alert"u8, action == 2 && Meaning.Severity >= EventSeverity.High);
        }

        if (Event.Risk is { Length: > 0 } risk)
        {
            (int level, string caption) = risk switch { "low" => (1, "Low"), "medium" => (2, "Medium"), "high" => (3, "High"), "critical" => (4, "Critical"), _ => (99, risk) };
            Json.WriteNumber("risk_level_id"u8, level);
            Json.WriteString("risk_level"u8, caption);
        }

        if (!string.IsNullOrEmpty(Event.Policy?.Id))
        {
            WritePolicy(Event.Policy);
        }
    }

    private void WritePolicy(PolicyPart policy)
    {
        if (_class.Uid == OcsfClass.AccountChange)
        {
            Json.WriteStartArray("authorizations"u8); // the class gives policy another meaning
            Json.WriteStartObject();
            Json.WriteString("decision"u8, Event.Result);
        }

        Json.WriteStartObject("policy"u8);
        Text("name"u8, policy.Id, EventLeaf.PolicyId);
        if (policy.Version is { } version)
        {
            Span<char> digits = stackalloc char[20];
            version.TryFormat(digits, out int length, provider: System.Globalization.CultureInfo.InvariantCulture);
            Json.WriteString("version"u8, digits[..length]);
            Tick(EventLeaf.PolicyVersion);
        }

        Text("uid"u8, policy.Digest, EventLeaf.PolicyDigest);
        Text("desc"u8, policy.Rule, EventLeaf.PolicyRule);
        Json.WriteBoolean("is_applied"u8, true);
        Json.WriteEndObject();
        if (_class.Uid == OcsfClass.AccountChange)
        {
            Json.WriteEndObject();
            Json.WriteEndArray();
        }
    }

    private void WriteModel()
    {
        string? served = OcsfClass.NotEmpty(Event.Model?.Served);
        string? name = served ?? OcsfClass.NotEmpty(Event.Model?.Requested);
        if (name is null)
        {
            return;
        }

        Json.WriteStartObject("ai_model"u8);
        Json.WriteString("name"u8, name);
        Tick(served is null ? EventLeaf.ModelRequested : EventLeaf.ModelServed);
        Json.WriteString("ai_provider"u8, OcsfClass.NotEmpty(Event.Model!.Provider) ?? Unknown);
        Tick(EventLeaf.ModelProvider);
        Json.WriteEndObject();
    }

    private void WriteMessageContext()
    {
        Json.WriteStartObject("message_context"u8);
        Json.WriteStartObject("application"u8);
        Json.WriteString("name"u8, Application);
        Text("version"u8, Event.Agent?.Version, EventLeaf.AgentVersion);
        Text("type"u8, Event.Agent?.Surface, EventLeaf.AgentSurface);
        Json.WriteEndObject();
        (int role, string name) = (Meaning.Family, Meaning.Verb) switch
        {
            (ActionFamily.Model, ActionVerb.Create) => (1, "User"),
            (ActionFamily.Model, _) => (2, "Assistant"),
            (ActionFamily.Tool or ActionFamily.Mcp or ActionFamily.Command, _) => (3, "Tool"),
            _ => (4, "Agent"),
        };
        Json.WriteNumber("ai_role_id"u8, role);
        Json.WriteString("ai_role"u8, name);
        Text("uid"u8, Event.Trace?.Session);
        Text("name"u8, Event.Trace?.Turn, EventLeaf.Turn);
        if (Event.Usage is { } usage)
        {
            // The prompt is all that went in, cached or not; the disjoint counts stay in unmapped.usage.
            (long input, long read, long written, long output) = (usage.Input ?? 0, usage.CacheRead ?? 0, usage.CacheWrite ?? 0, usage.Output ?? 0);
            if (Fits(input) && Fits(read) && Fits(written) && Fits(output) && Fits(input + read + written + output))
            {
                long prompt = input + read + written;
                Json.WriteNumber("prompt_tokens"u8, prompt);
                Json.WriteNumber("completion_tokens"u8, output);
                Json.WriteNumber("total_tokens"u8, prompt + output);
            }
        }

        Json.WriteEndObject();
    }

    private void WriteObservables()
    {
        Json.WriteStartArray("observables"u8);
        Observable("actor.user.name"u8, 4, "User Name"u8, OcsfClass.NotEmpty(Event.Actor.Human) ?? Event.Actor.Id);
        string? address = Event.Client?.Address;
        if (NetworkAddress.IsOne(address))
        {
            Observable(_class.Uid is OcsfClass.ProcessActivity or OcsfClass.FileActivity ? "device.ip"u8 : "src_endpoint.ip"u8, 2, "IP Address"u8, address);
        }

        if (_class.Uid == OcsfClass.ProcessActivity)
        {
            Observable("process.cmd_line"u8, 13, "Command Line"u8, Event.Tool?.Command);
        }
        else if (_class.Uid == OcsfClass.FileActivity)
        {
            Observable("file.path"u8, 45, "File Path"u8, OcsfClass.FileName(Event));
        }

        Json.WriteEndArray();
    }

    private void Observable(ReadOnlySpan<byte> name, int type, ReadOnlySpan<byte> caption, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Json.WriteStartObject();
            Json.WriteString("name"u8, name);
            Json.WriteNumber("type_id"u8, type);
            Json.WriteString("type"u8, caption);
            Json.WriteString("value"u8, value);
            Json.WriteEndObject();
        }
    }
}
