using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Muniment.Events.Canonical;
using Muniment.Events.Formats;
using Muniment.Events.Tests.Formats.Support;

namespace Muniment.Events.Tests.Formats.Udm;

/// <summary>UDM by the rules of Google's usage guide: required fields of each event type, lengths, enumerations.</summary>
public class UdmFormatTests
{
    private static readonly string[] s_machine = ["principal.hostname", "principal.ip", "principal.mac", "principal.asset_id"];

    /// <summary>For each type: every group needs one of its fields.</summary>
    private static readonly Dictionary<string, string[][]> s_required = new()
    {
        ["PROCESS_LAUNCH"] = [s_machine, ["target.process.command_line"]],
        ["PROCESS_TERMINATION"] = [s_machine, ["target.process.command_line"]],
        ["FILE_CREATION"] = [s_machine, ["target.file.full_path"]],
        ["FILE_READ"] = [s_machine, ["target.file.full_path"]],
        ["FILE_MODIFICATION"] = [s_machine, ["target.file.full_path"]],
        ["FILE_DELETION"] = [s_machine, ["target.file.full_path"]],
        ["FILE_UNCATEGORIZED"] = [s_machine, ["target.file.full_path"]],
        ["SETTING_CREATION"] = [s_machine, ["target.resource.resource_type=SETTING"]],
        ["SETTING_MODIFICATION"] = [s_machine, ["target.resource.resource_type=SETTING"]],
        ["SETTING_DELETION"] = [s_machine, ["target.resource.resource_type=SETTING"]],
        ["USER_RESOURCE_ACCESS"] = [["principal.user.userid"], ["target.resource.name"]],
        ["USER_RESOURCE_CREATION"] = [["principal.user.userid"], ["target.resource.name"]],
        ["USER_RESOURCE_UPDATE_CONTENT"] = [["principal.user.userid"], ["target.resource.name"]],
        ["USER_RESOURCE_DELETION"] = [["principal.user.userid"], ["target.resource.name"]],
        ["USER_LOGIN"] = [["target.user.userid"], ["extensions.auth.type"], s_machine],
        ["USER_LOGOUT"] = [["target.user.userid"], ["extensions.auth.type"], s_machine],
        ["USER_CREATION"] = [["target.user.userid"], s_machine],
        ["USER_DELETION"] = [["target.user.userid"], s_machine],
        ["USER_UNCATEGORIZED"] = [["target.user.userid"], s_machine],
        ["USER_CHANGE_PERMISSIONS"] = [["target.user.userid"], s_machine],
        ["STATUS_UPDATE"] = [s_machine],
        ["SYSTEM_AUDIT_LOG_WIPE"] = [["principal.user.userid"], s_machine],
        ["GENERIC_EVENT"] = [],
    };

    private static readonly HashSet<string> s_members = ["metadata", "principal", "target", "security_result", "network", "extensions", "additional"];

    [Fact]
    public void Every_event_is_valid()
    {
        List<string> wrong = [];
        HashSet<string> types = [];
        foreach ((string name, CanonicalEvent e) in FormatEvents.All())
        {
            JsonObject record = Write(e);
            types.Add((string)record["metadata"]!["event_type"]!);
            wrong.AddRange(Judge(record).Select(error => $"{name}: {error}"));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(40)));
        Assert.True(types.Count > 15, string.Join(", ", types));
    }

    [Fact]
    public void The_rules_refuse_planted_faults()
    {
        CanonicalEvent e = FormatEvents.Make(FormatEvents.Full("command.execute", "denied", "high"), "activity", 5);
        Assert.Empty(Judge(Write(e)));
        (string Fault, Action<JsonObject> Plant)[] faults =
        [
            ("no such type", r => r["metadata"]!["event_type"] = "AGENT_EVENT"), ("needs", r => r["target"]!["process"]!.AsObject().Remove("command_line")), ("timestamp", r => r["metadata"]!["event_timestamp"] = "today"),
            ("longer", r => r["metadata"]!["product_event_type"] = new string('x', 65)), ("severity", r => r["security_result"]![0]!["severity"] = "SEVERE"), ("no member", r => r["muniment"] = 1),
            ("VENDOR:ID", r => r["principal"]!["asset_id"] = "x"), ("action", r => r["security_result"]![0]!["action"] = "BLOCK"),
        ];
        foreach ((string fault, Action<JsonObject> plant) in faults)
        {
            JsonObject record = Write(e);
            plant(record);
            Assert.Contains(Judge(record), error => error.Contains(fault, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_denied_command_names_the_rule()
    {
        JsonObject record = Write(FormatEvents.Make(FormatEvents.Full("command.execute", "denied", "critical"), "decision", 5));
        JsonNode result = record["security_result"]![0]!;
        Assert.Equal(("PROCESS_LAUNCH", "BLOCK", "POLICY_VIOLATION", "CRITICAL", "rule-secrets"),
            ((string?)record["metadata"]!["event_type"], (string?)result["action"]![0], (string?)result["category"]![0], (string?)result["severity"], (string?)result["rule_name"]));
        Assert.Equal(5, (long)record["additional"]!["muniment"]!["seq"]!);
        Assert.Equal("git push --force origin main", (string?)record["target"]!["process"]!["command_line"]);
    }

    [Fact]
    public void A_model_call_names_the_model_and_the_upstream()
    {
        JsonNode target = Write(FormatEvents.Make(FormatEvents.Full("model.invoke", "allowed", null), "decision", 5))["target"]!;
        Assert.Equal(("claude-opus-4-1-20250805", "model", "/srv/repo/src/Program.cs"), ((string?)target["resource"]!["name"], (string?)target["resource"]!["resource_subtype"], (string?)target["application"]));
    }

    private static IEnumerable<string> Judge(JsonObject record)
    {
        foreach ((string name, _) in record.Where(m => !s_members.Contains(m.Key)))
        {
            yield return $"no member {name}";
        }

        JsonObject metadata = record["metadata"]!.AsObject();
        foreach ((string name, int longest) in new[] { ("vendor_name", 256), ("product_name", 256), ("product_event_type", 64), ("product_log_id", 256) })
        {
            if (metadata[name] is { } text && Encoding.UTF8.GetByteCount((string)text!) > longest)
            {
                yield return $"{name} is longer than {longest}";
            }
        }

        if (!DateTimeOffset.TryParse((string?)metadata["event_timestamp"], out _))
        {
            yield return "event_timestamp is no timestamp";
        }

        if (!s_required.TryGetValue((string?)metadata["event_type"] ?? "", out string[][]? groups))
        {
            yield return $"{metadata["event_type"]}: no such type";
            yield break;
        }

        foreach (string[] group in groups.Where(g => !g.Any(f => Has(record, f))))
        {
            yield return $"{metadata["event_type"]} needs one of {string.Join(", ", group)}";
        }

        if ((string?)record["principal"]?["asset_id"] is { } asset && !asset.Contains(':'))
        {
            yield return "asset_id is no VENDOR:ID";
        }

        foreach (JsonNode? result in record["security_result"]!.AsArray())
        {
            if ((string?)result!["severity"] is not ("INFORMATIONAL" or "LOW" or "MEDIUM" or "HIGH" or "CRITICAL"))
            {
                yield return "severity is none";
            }

            if (result["action"] is not JsonArray actions || actions.Any(a => (string?)a is not ("ALLOW" or "BLOCK" or "ALLOW_WITH_MODIFICATION" or "UNKNOWN_ACTION")))
            {
                yield return "action is no list of actions";
            }
        }
    }

    private static bool Has(JsonObject record, string path)
    {
        string[] parts = path.Split('=');
        JsonNode? at = record;
        foreach (string name in parts[0].Split('.'))
        {
            at = (at as JsonObject)?[name];
        }

        return at is not null && (parts.Length == 1 || (string?)at == parts[1]);
    }

    private static JsonObject Write(CanonicalEvent e) =>
        JsonNode.Parse(FormatEvents.Write(EventFormats.Find("udm")!, e, FormatEvents.Marks(e)), null, new JsonDocumentOptions { AllowDuplicateProperties = false })!.AsObject();
}
