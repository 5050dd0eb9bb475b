using System.Text.Json;
using System.Text.Json.Nodes;
using Muniment.Events.Canonical;
using Muniment.Events.Formats;
using Muniment.Events.Tests.Formats.Support;

namespace Muniment.Events.Tests.Formats.Asim;

/// <summary>ASIM by the rules of Microsoft's own tester.</summary>
public class AsimFormatTests
{
    [Fact]
    public void Every_event_is_valid() => Judge(new AsimValidator(AsimRules.Table));

    [SkippableFact]
    public void Every_event_is_valid_by_the_whole_table() => Judge(new AsimValidator(File.ReadAllText(Vectors.Need("ASimTester.csv"))));

    [Fact]
    public void The_validator_refuses_planted_faults()
    {
        AsimValidator validator = new(AsimRules.Table);
        CanonicalEvent e = FormatEvents.Make(FormatEvents.Full("policy.update", "success", "high"), "admin", 5);
        Assert.Empty(validator.Judge(Write(e)));
        (string Fault, Action<JsonObject> Plant)[] faults =
        [
            ("no column", r => r["Surprise"] = "x"), ("mandatory", r => r.Remove("Operation")), ("needed beside", r => r.Remove("ActorUsernameType")), ("is none of", r => r["EventSeverity"] = "Critical"),
            ("is no int", r => r["EventCount"] = "1"), ("is no datetime", r => r["EventEndTime"] = "2026-01-01T00:00:00Z"), ("is no address", r => r["SrcIpAddr"] = "home"), ("is none", r => r["EventSchema"] = "Other"),
        ];
        foreach ((string fault, Action<JsonObject> plant) in faults)
        {
            JsonObject record = Write(e);
            plant(record);
            Assert.Contains(validator.Judge(JsonNode.Parse(record.ToJsonString())!.AsObject()), error => error.Contains(fault, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("command.execute", "activity", "denied", "AuditEvent", "Execute", "Failure")]
    [InlineData("policy.update", "admin", "success", "AuditEvent", "Set", "Success")]
    [InlineData("model.invoke", "decision", "redacted", "AuditEvent", "Execute", "Partial")]
    [InlineData("file.delete", "activity", "success", "FileEvent", "FileDeleted", "Success")]
    [InlineData("auth.fail", "activity", "failure", "Authentication", "Logon", "Failure")]
    [InlineData("user.role_change", "activity", "success", "UserManagement", "UserModified", "Success")]
    public void Actions_have_schema_and_type(string action, string stream, string result, string schema, string type, string outcome)
    {
        JsonObject record = Write(FormatEvents.Make(FormatEvents.Full(action, result, null), stream, 3));
        Assert.Equal((schema, type, outcome), ((string?)record["EventSchema"], (string?)record["EventType"], (string?)record["EventResult"]));
    }

    [Fact]
    public void A_change_shows_old_and_new()
    {
        JsonObject record = Write(FormatEvents.Make(FormatEvents.Full("destination.update", "success", null), "admin", 3));
        Assert.Equal(("{\"enabled\":true}", "{\"enabled\":false}"), ((string?)record["OldValue"], (string?)record["NewValue"]));
        Assert.Equal("siem-1", (string?)record["AdditionalFields"]!["muniment"]!["destination"]);
    }

    private static void Judge(AsimValidator validator)
    {
        List<string> wrong = [];
        HashSet<string> schemas = [];
        foreach ((string name, CanonicalEvent e) in FormatEvents.All())
        {
            JsonObject record = Write(e);
            schemas.Add((string)record["EventSchema"]!);
            wrong.AddRange(validator.Judge(record).Select(error => $"{name}: {error}"));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(40)));
        Assert.Equal(["AuditEvent", "Authentication", "FileEvent", "UserManagement"], schemas.Order());
    }

    private static JsonObject Write(CanonicalEvent e) =>
        JsonNode.Parse(FormatEvents.Write(EventFormats.Find("asim")!, e, FormatEvents.Marks(e)), null, new JsonDocumentOptions { AllowDuplicateProperties = false })!.AsObject();
}
