using System.Text.Json;
using System.Text.Json.Nodes;
using Muniment.Events.Canonical;
using Muniment.Events.Formats;
using Muniment.Events.Tests.Formats.Support;

namespace Muniment.Events.Tests.Formats.Cim;

/// <summary>The fields that Splunk's data models want, and the words that they prescribe.</summary>
public class CimFormatTests
{
    private static readonly Dictionary<string, (string[] Fields, string[] Actions)> s_models = new()
    {
        ["Change.All_Changes"] = (["action", "change_type", "dest", "dvc", "object_category", "result_id", "status", "user", "vendor_product"],
            ["acl_modified", "cleared", "created", "deleted", "modified", "read", "started", "stopped", "updated"]),
        ["Endpoint.Processes"] = (["action", "dest", "process_name", "user", "vendor_product"], ["allowed", "blocked", "deferred"]),
        ["Endpoint.Filesystem"] = (["action", "dest", "user", "vendor_product"], ["acl_modified", "created", "deleted", "modified", "read", "renamed", "accessed"]),
        ["Authentication"] = (["action", "app", "dest", "user", "signature"], ["success", "failure", "pending", "error"]),
        ["Alerts"] = (["app", "description", "dest", "id", "severity", "signature", "type", "user"], ["allowed", "blocked"]),
        ["None"] = (["action", "app", "user", "signature", "object_category"], ["allowed", "blocked"]),
    };

    [Fact]
    public void Every_event_has_what_its_model_wants()
    {
        HashSet<string> models = [];
        foreach ((string name, CanonicalEvent e) in FormatEvents.All())
        {
            JsonObject record = Write(e);
            (string[] fields, string[] actions) = s_models[(string)record["cim_model"]!];
            models.Add((string)record["cim_model"]!);
            Assert.All(fields, f => Assert.True(record[f]?.GetValueKind() == JsonValueKind.String && (string?)record[f] != "", $"{name}: {f} in {record.ToJsonString()}"));
            Assert.Contains((string)record["action"]!, actions);
            Assert.Contains((string)record["severity"]!, (string[])["critical", "high", "medium", "low", "informational"]);
            Assert.Contains((string)record["status"]!, (string[])["success", "failure"]);
        }

        Assert.Equal(s_models.Count, models.Count);
    }

    [Fact]
    public void Marks_are_dotted_and_the_rest_is_canonical()
    {
        JsonObject record = Write(FormatEvents.Make(FormatEvents.Full("command.execute", "denied", "high"), "activity", 6));
        Assert.Equal((6L, 41L, "siem-1"), ((long)record["muniment.seq"]!, (long)record["muniment.n"]!, (string?)record["muniment.destination"]));
        Assert.Equal(("blocked", "git push --force origin main", "git", "j.patel@acme.example"), ((string?)record["action"], (string?)record["process"], (string?)record["process_name"], (string?)record["user"]));
        Assert.Equal(1201, (int)record["canonical"]!["usage"]!["input"]!);
    }

    private static JsonObject Write(CanonicalEvent e) =>
        JsonNode.Parse(FormatEvents.Write(EventFormats.Find("cim")!, e, FormatEvents.Marks(e)), null, new JsonDocumentOptions { AllowDuplicateProperties = false })!.AsObject();
}
