using System.Text.Json;
using System.Text.Json.Nodes;
using Muniment.Events.Canonical;
using Muniment.Events.Formats;
using Muniment.Events.Tests.Formats.Support;

namespace Muniment.Events.Tests.Formats.Ocsf;

/// <summary>OCSF 1.8.0 by its published sources.</summary>
public class OcsfFormatTests
{
    private static readonly Lazy<OcsfSchema> s_schema = new(() => new OcsfSchema(Vectors.Untar(Vectors.Need("ocsf-1.8.0.tar.gz"))));

    private static OcsfSchema Schema
    {
        get
        {
            Vectors.Need("ocsf-1.8.0.tar.gz");
            return s_schema.Value;
        }
    }

    [SkippableFact]
    public void Every_event_is_valid()
    {
        OcsfValidator validator = new(Schema);
        List<string> wrong = [];
        HashSet<int> classes = [];
        foreach ((string name, CanonicalEvent e) in FormatEvents.All())
        {
            JsonObject record = Write(e, FormatEvents.Marks(e));
            classes.Add((int)record["class_uid"]!);
            wrong.AddRange(validator.Judge(record).Select(error => $"{name}: {error}"));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(40)));
        Assert.Equal([1001, 1007, 1008, 2004, 3001, 3002, 3004, 3005, 6001, 6002, 6003], classes.Order());
    }

    [SkippableFact]
    public void The_validator_refuses_planted_faults()
    {
        OcsfValidator validator = new(Schema);
        CanonicalEvent e = FormatEvents.Make(FormatEvents.Full("model.invoke", "denied", "high"), "decision", 5);
        (string Fault, Action<JsonObject> Plant)[] faults =
        [
            ("no such attribute", r => r["surprise"] = 1),
            ("required", r => r.Remove("src_endpoint")),
            ("required", r => r["metadata"]!.AsObject().Remove("product")),
            ("none of its values", r => r["severity_id"] = 9),
            ("is no integer_t", r => r["status_id"] = "1"),
            ("is no ip_t", r => r["src_endpoint"]!["ip"] = "somewhere"),
            ("at_least_one", r => r["message_context"]!.AsObject().Remove("application")),
            ("without profile ai_operation", r => r["metadata"]!["profiles"] = new JsonArray("security_control", "trace")),
            ("not allowed", r => r["metadata"]!["profiles"]!.AsArray().Add("incident")),
            ("type_uid", r => r["activity_id"] = 1),
            ("category_uid", r => r["category_uid"] = 1),
            ("deprecated", r => r["actor"]!["invoked_by"] = "x"),
            ("null", r => r["actor"]!["app_name"] = null),
            ("not an array", r => r["observables"] = new JsonObject()),
            ("needs activity_name", r => { r.Remove("activity_name"); r["type_uid"] = 600399; r["activity_id"] = 99; }),
            ("which is High", r => r["severity"] = "Low"),
            ("metadata.version", r => r["metadata"]!["version"] = "1.3.0"),
        ];
        Assert.Empty(validator.Judge(Write(e, EventMarks.None)));
        foreach ((string fault, Action<JsonObject> plant) in faults)
        {
            JsonObject record = Write(e, EventMarks.None);
            plant(record);
            Assert.Contains(validator.Judge(JsonNode.Parse(record.ToJsonString())!.AsObject()), error => error.Contains(fault, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("activity", "command.execute", "failure", 1007, 1)]
    [InlineData("activity", "tool.execute", "success", 1007, 1)] // the full event's tool has a command
    [InlineData("decision", "model.invoke", "denied", 6003, 99)]
    [InlineData("activity", "file.modify", "success", 1001, 3)]
    [InlineData("activity", "auth.fail", "failure", 3002, 1)]
    [InlineData("admin", "policy.update", "success", 3004, 3)]
    [InlineData("admin", "destination.pause", "success", 3004, 9)]
    [InlineData("admin", "backup.create", "success", 1008, 3)]
    [InlineData("activity", "user.create", "success", 3001, 1)]
    [InlineData("activity", "git.push", "success", 6001, 3)]
    [InlineData("activity", "session.end", "success", 6002, 4)]
    [InlineData("alert", "alert.close", "info", 2004, 3)]
    public void Actions_have_the_class_that_analysts_look_for(string stream, string action, string result, int classUid, int activity)
    {
        JsonObject record = Write(FormatEvents.Make(FormatEvents.Full(action, result, null), stream, 3), EventMarks.None);
        Assert.Equal((classUid, activity), ((int)record["class_uid"]!, (int)record["activity_id"]!));
    }

    [Fact]
    public void A_denied_call_says_what_denied_it()
    {
        CanonicalEvent e = FormatEvents.Make(FormatEvents.Full("model.invoke", "denied", "high"), "decision", 8);
        JsonObject record = Write(e, FormatEvents.Marks(e));
        Assert.Equal((2, 2, 2, 4), ((int)record["status_id"]!, (int)record["action_id"]!, (int)record["disposition_id"]!, (int)record["severity_id"]!));
        Assert.Equal(("policy-id-5", "rule-secrets", "12"), ((string?)record["policy"]!["name"], (string?)record["policy"]!["desc"], (string?)record["policy"]!["version"]));
        Assert.Equal((21506, 4044), ((int)record["message_context"]!["prompt_tokens"]!, (int)record["message_context"]!["completion_tokens"]!));
        Assert.Equal(8, (int)record["metadata"]!["sequence"]!);
        JsonNode marks = record["unmapped"]!["muniment"]!;
        Assert.Equal(("log.example/acme", "siem-1", 8L, 3L, 41L), ((string?)marks["origin"], (string?)marks["destination"], (long)marks["seq"]!, (long)marks["epoch"]!, (long)marks["n"]!));
        Assert.Equal("010203ab" + new string('0', 56), (string?)marks["leaf"]);
        Assert.Equal("dec-77", (string?)record["unmapped"]!["decision"]!["id"]);
    }

    private static JsonObject Write(CanonicalEvent e, EventMarks marks)
    {
        byte[] bytes = FormatEvents.Write(EventFormats.Find("ocsf")!, e, marks);
        Assert.DoesNotContain((byte)'\n', bytes);
        return JsonNode.Parse(bytes, null, new JsonDocumentOptions { AllowDuplicateProperties = false })!.AsObject();
    }
}
