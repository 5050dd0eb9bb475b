using System.Text.Json;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Trials;

namespace Muniment.Cli.Commands;

/// <summary>The answer of <c>policy test --json</c>: <c>{ok,policies,errors,tests,passed,failed,untried}</c>.</summary>
internal static class PolicyTestJson
{
    public static void Write(List<FileError> errors) => Print(json =>
    {
        json.WriteBoolean("ok", false);
        json.WriteStartArray("errors");
        foreach ((string file, PolicyError error) in errors)
        {
            json.WriteStartObject();
            json.WriteString("file", file);
            json.WriteNumber("line", error.Line);
            json.WriteNumber("column", error.Column);
            json.WriteString("field", error.Field);
            json.WriteString("message", error.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    public static void Write(List<PublishedPolicy> policies, TrialOutcome[] outcomes, string[] untried) => Print(json =>
    {
        json.WriteBoolean("ok", outcomes.All(o => o.IsOk));
        json.WriteStartArray("policies");
        foreach (PublishedPolicy policy in policies)
        {
            json.WriteStartObject();
            json.WriteString("name", policy.Name);
            json.WriteString("digest", policy.Document.Digest);
            json.WriteNumber("rules", policy.Document.Rules.Length);
            json.WriteNumber("limits", policy.Document.Limits.Length);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("errors");
        json.WriteEndArray();
        json.WriteStartArray("tests");
        foreach (TrialOutcome outcome in outcomes)
        {
            Write(json, outcome);
        }

        json.WriteEndArray();
        json.WriteNumber("passed", outcomes.Count(o => o.IsOk));
        json.WriteNumber("failed", outcomes.Count(o => !o.IsOk));
        json.WriteStartArray("untried");
        foreach (string rule in untried)
        {
            json.WriteStringValue(rule);
        }

        json.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter json, TrialOutcome outcome)
    {
        Verdict verdict = outcome.Verdict;
        json.WriteStartObject();
        json.WriteString("name", outcome.Trial.Name);
        json.WriteNumber("line", outcome.Trial.Line);
        json.WriteBoolean("ok", outcome.IsOk);
        json.WriteString("result", verdict.Effect.Word());
        json.WriteString("policy", verdict.Policy.Id);
        json.WriteString("rule", verdict.Policy.Rule);
        json.WriteString("outcome", verdict.Outcome.Word());
        json.WriteString("reason", verdict.Reason);
        json.WriteString("risk", verdict.Risk);
        json.WriteString("risk_reason", verdict.RiskReason);
        json.WriteString("content", outcome.Content);
        json.WriteStartArray("problems");
        foreach (string problem in outcome.Problems)
        {
            json.WriteStringValue(problem);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Print(Action<Utf8JsonWriter> members)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        Console.WriteLine(System.Text.Encoding.UTF8.GetString(output.ToArray()));
    }
}
