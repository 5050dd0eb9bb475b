using System.Text.Json;
using System.Text.Json.Nodes;
using Muniment.Events.Canonical;
using Muniment.Events.Formats;
using Muniment.Events.Tests.Formats.Support;

namespace Muniment.Events.Tests.Formats.Ecs;

/// <summary>The Elastic Common Schema by its published field list.</summary>
public class EcsFormatTests
{
    private static readonly Lazy<EcsValidator> s_validator = new(() => new EcsValidator(Vectors.Gunzip(Vectors.Need("ecs_flat.yml.gz"))));

    [SkippableFact]
    public void Every_event_is_valid()
    {
        Vectors.Need("ecs_flat.yml.gz");
        List<string> wrong = [];
        foreach ((string name, CanonicalEvent e) in FormatEvents.All())
        {
            wrong.AddRange(s_validator.Value.Judge(Write(e, FormatEvents.Marks(e)), "muniment").Select(error => $"{name}: {error}"));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(40)));
        Assert.True(s_validator.Value.Count > 1500);
    }

    [SkippableFact]
    public void The_validator_refuses_planted_faults()
    {
        Vectors.Need("ecs_flat.yml.gz");
        (string Fault, Action<JsonObject> Plant)[] faults =
        [
            ("no such field", r => r["surprise"] = "x"), ("required", r => r.Remove("@timestamp")), ("required", r => r.Remove("ecs")), ("is no ip", r => r["client"]!["ip"] = "zurich"),
            ("is no long", r => r["event"]!["severity"] = "3"), ("is not allowed", r => r["event"]!["outcome"] = "denied"), ("is not expected", r => r["event"]!["type"] = new JsonArray("installation")),
            ("has no type", r => r["event"]!["category"]!.AsArray().Add("iam")), ("an array in ECS", r => r["event"]!["category"] = "api"), ("not an array", r => r["message"] = new JsonArray("a")),
            ("is no date", r => r["@timestamp"] = "yesterday"), ("a label", r => r["labels"]!["n"] = 1),
        ];
        CanonicalEvent e = FormatEvents.Make(FormatEvents.Full("model.invoke", "denied", "high"), "decision", 5);
        foreach ((string fault, Action<JsonObject> plant) in faults)
        {
            JsonObject record = Write(e, EventMarks.None);
            Assert.Empty(s_validator.Value.Judge(record, "muniment"));
            plant(record);
            Assert.Contains(s_validator.Value.Judge(JsonNode.Parse(record.ToJsonString())!.AsObject(), "muniment"), error => error.Contains(fault, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("command.execute", "denied", "process,intrusion_detection", "info,denied")]
    [InlineData("command.execute", "success", "process", "start")]
    [InlineData("file.modify", "success", "file", "change")]
    [InlineData("model.invoke", "denied", "api", "access,denied")]
    [InlineData("auth.fail", "failure", "authentication", "start")]
    [InlineData("user.role_change", "success", "iam", "admin,user")]
    [InlineData("policy.delete", "success", "configuration", "deletion")]
    public void Actions_have_category_and_type(string action, string result, string categories, string types)
    {
        JsonObject record = Write(FormatEvents.Make(FormatEvents.Full(action, result, null), "activity", 3), EventMarks.None);
        Assert.Equal((categories, types), (Join(record["event"]!["category"]!), Join(record["event"]!["type"]!)));
    }

    [Fact]
    public void Marks_and_details_lie_in_the_own_namespace()
    {
        CanonicalEvent e = FormatEvents.Make(FormatEvents.Full("tool.execute", "success", null), "activity", 12);
        JsonNode own = Write(e, FormatEvents.Marks(e))["muniment"]!;
        Assert.Equal(("log.example/acme", "siem-1", 12L, 3L, 41L), ((string?)own["origin"], (string?)own["destination"], (long)own["seq"]!, (long)own["epoch"]!, (long)own["n"]!));
        Assert.Equal(403, (int)JsonNode.Parse((string)own["details"]!)!["attributes"]!["http.response.status_code"]!); // one text, so that no index gets a field of every member
        Assert.Equal(1201, (int)own["usage"]!["input"]!);
    }

    private static string Join(JsonNode array) => string.Join(',', array.AsArray().Select(n => (string)n!));

    private static JsonObject Write(CanonicalEvent e, EventMarks marks)
    {
        byte[] bytes = FormatEvents.Write(EventFormats.Find("ecs")!, e, marks);
        Assert.DoesNotContain((byte)'\n', bytes);
        return JsonNode.Parse(bytes, null, new JsonDocumentOptions { AllowDuplicateProperties = false })!.AsObject();
    }
}
