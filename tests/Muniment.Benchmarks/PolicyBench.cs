using System.Diagnostics;
using Muniment.Policy.Commands;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Benchmarks;

/// <summary>One decision on a typical set (three policies, ten rules, limits), detectors apart, and the risk of a compound command.</summary>
internal static class PolicyBench
{
    private const double GoalUs = 20;
    private const int Rounds = 20_000;

    private const string Organisation = """
        lock: true
        default: deny
        uncovered: deny
        rules:
          - { id: models, on: [model.invoke], when: { model.requested|startswith: [claude, gpt-5, gemini] }, then: allow }
          - { id: old, on: [model.invoke], when: { model.requested|re: '^gpt-[34]' }, then: deny }
          - { id: tools, on: [tool.call, command.execute, mcp.call], then: allow }
          - { id: risky, on: [command.execute, tool.call], when: { risk|gte: high }, then: ask }
          - { id: unsafe, on: [tool.call, command.execute], when: { mode: [bypassPermissions, yolo] }, then: deny }
          - { id: secrets, on: [model.invoke, model.respond, tool.call], detect: [secrets, email, credit_card], then: redact }
          - { id: cap, on: [model.invoke], then: modify, set: { max_tokens: 4096 } }
        limits:
          - { id: daily, per: user, tokens: 2000000, window: 1d }
          - { id: calls, per: session, calls: 500, window: 1h }
        """;

    private const string Project = """
        scope: project:web
        rules:
          - { id: code-name, on: [model.invoke], when: { content|contains: [project x, launch code] }, then: deny }
          - id: egress
            on: [tool.call, command.execute]
            when: { shell: { tool.name: [Bash, shell] }, out: { tool.command|contains: [curl, wget] }, known: { tool.command|contains: acme.com }, condition: shell and out and not known }
            then: deny
        """;

    private const string User = "scope: user:j@acme.com\nmode: shadow\nrules: [{id: next, on: [model.invoke], when: {model.requested|contains: sonnet}, then: deny}]";

    public static Task RunAsync(Table table)
    {
        PolicySet set = PolicySet.Build([Policy("org", Organisation), Policy("web", Project), Policy("mine", User)]);
        var caller = new DecisionCaller { KeyId = "k1", User = "j@acme.com", Project = "web", Session = "s1" };
        string prompt = string.Concat(Enumerable.Repeat("Please look at the failing test and tell me what is wrong with it. ", 15));
        var call = new DecisionRequest { Action = "model.invoke", Model = "claude-sonnet-4-5", Target = "anthropic", Caller = caller, TimeNs = 1, Texts = [new InspectedText("/messages/0/content", "user", prompt)] };
        var tool = new DecisionRequest { Action = "command.execute", Caller = caller, TimeNs = 1, Mode = "default", Tool = new DecisionTool { Name = "Bash", Command = "cd src && npm test 2>&1 | tail -20" } };
        table.AddMost("one decision: a model call with 1 KB of text", Best(() => set.Decide(call)) * 1e6, "us", GoalUs);
        table.AddMost("one decision: a command, its risk included", Best(() => set.Decide(tool)) * 1e6, "us", GoalUs);
        table.Add("risk of that command alone", Best(() => CommandRisk.Classify(tool.Tool.Command)) * 1e6, "us");
        long before = GC.GetAllocatedBytesForCurrentThread();
        set.Decide(call);
        table.Add("allocated by the decision on the model call", GC.GetAllocatedBytesForCurrentThread() - before, "bytes");
        table.Add("compiling the three policies", Best(() => PolicySet.Build([Policy("org", Organisation), Policy("web", Project), Policy("mine", User)]), 200) * 1e6, "us");
        return Task.CompletedTask;
    }

    private static PublishedPolicy Policy(string name, string text) => new(name, 1, PolicyParser.Parse(text) is { Document: { } document } ? document : throw new InvalidOperationException($"the bench's own policy {name} does not compile"));

    /// <summary>Seconds a call, the best of five passes.</summary>
    private static double Best(Func<object> call, int rounds = Rounds)
    {
        double best = double.MaxValue;
        for (int pass = 0; pass < 5; pass++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < rounds; i++)
            {
                call();
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds / rounds);
        }

        return best;
    }
}
