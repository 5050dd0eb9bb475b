using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Tests.Documents;

namespace Muniment.Policy.Tests.Evaluation;

/// <summary>Short cuts: sets out of documents, requests out of little.</summary>
internal static class Deciding
{
    public static readonly DecisionRequest Call = new()
    {
        Action = "model.invoke", Model = "gpt-4o", Target = "openai", TimeNs = 1_795_255_340_000_000_000,
        Caller = new DecisionCaller { KeyId = "k1", User = "j@acme.com", Project = "web", Session = "s1" },
    };

    /// <summary>Policies p1, p2, … of documents in their order.</summary>
    public static PolicySet Set(params string[] documents) => PolicySet.Build(documents.Select((d, i) => new PublishedPolicy($"p{i + 1}", 1, Read.Document(d))));

    public static DecisionRequest Tool(string name, string? command = null, string args = "") => Call with
    {
        Action = command is null ? "tool.call" : "command.execute", Model = null, Target = null,
        Tool = new DecisionTool { Name = name, Command = command, Args = System.Text.Encoding.UTF8.GetBytes(args) },
    };

    public static DecisionRequest Saying(params string[] texts) => Call with { Texts = [.. texts.Select((t, i) => new InspectedText($"/messages/{i}/content", "user", t))] };

    /// <summary><c>deny p1/models</c></summary>
    public static string Short(this Verdict verdict) => $"{verdict.Effect.Word()} {verdict.Policy.Id}/{verdict.Policy.Rule}";
}
