using System.Collections.Immutable;
using System.Text;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Policy.Documents;
using Muniment.Policy.Documents.Reading;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Predicates;

namespace Muniment.Policy.Trials;

/// <summary>Reads cases: the member <c>tests</c> of a policy, or a file that is a list of them or a map with <c>tests</c>.</summary>
public sealed class TrialReader
{
    private const int MaxTrials = 5000;
    private const int MaxTextLength = 256 * 1024;

    private static readonly string[] Keys = ["name", "request", "expect"];

    private static readonly string[] RequestKeys =
        ["action", "actor", "user", "project", "agent", "key", "session", "address", "target", "model", "mode", "tool", "content", "uncovered", "unknown_path", "approved", "time", "event"];

    private static readonly string[] ExpectationKeys = ["result", "rule", "policy", "risk", "outcome", "reason", "content", "max_tokens", "model", "upstream", "shadow"];

    private static readonly (string Word, string Value)[] Results =
    [
        ("allow", "allow"), ("allowed", "allow"), ("modify", "modify"), ("modified", "modify"), ("redact", "redact"), ("redacted", "redact"), ("ask", "ask"), ("deny", "deny"), ("denied", "deny"),
    ];

    private readonly ErrorList errors = new();

    private TrialReader()
    {
    }

    /// <summary>Reads a file of cases.</summary>
    public static ParsedTrials Read(string text)
    {
        DocumentNodes nodes = DocumentNodes.Read(text);
        if (nodes.Root is not { } root)
        {
            return new ParsedTrials([], [nodes.Error!]);
        }

        if (root.Kind == RuleNodeKind.List)
        {
            return Read(root);
        }

        return root.Find("tests") is { } tests && root.Members.Count == 1 ? Read(tests) : new ParsedTrials([], [new PolicyError(root.Line, root.Column, "", "expected a list of cases, or a map with tests only")]);
    }

    /// <summary>Reads <see cref="ParsedPolicy.Tests"/>.</summary>
    public static ParsedTrials Read(RuleNode tests)
    {
        var reader = new TrialReader();
        ImmutableArray<PolicyTrial> trials = reader.List(tests);
        return reader.errors.Any ? new ParsedTrials([], reader.errors.Sorted()) : new ParsedTrials(trials, []);
    }

    private ImmutableArray<PolicyTrial> List(RuleNode node)
    {
        if (node.Kind != RuleNodeKind.List || node.Items.Count > MaxTrials)
        {
            errors.Add(node, $"expected a list of at most {MaxTrials} cases");
            return [];
        }

        var trials = ImmutableArray.CreateBuilder<PolicyTrial>(node.Items.Count);
        foreach (RuleNode item in node.Items)
        {
            if (item.Kind != RuleNodeKind.Map)
            {
                errors.Add(item, "expected a case: a map with request and expect");
                continue;
            }

            var map = new MapReader(item, errors, Keys);
            string name = map.Text("name", PolicyLimits.MaxReasonLength) ?? $"case {trials.Count + 1}";
            if (map.Find("request") is not { Kind: RuleNodeKind.Map } request || map.Find("expect") is not { } expect)
            {
                errors.Add(item, "expected a request, a map, and what to expect");
                continue;
            }

            trials.Add(new PolicyTrial(name, item.Line, Request(request), Expectation(expect)));
        }

        return trials.ToImmutable();
    }

    private TrialExpectation Expectation(RuleNode node)
    {
        if (node.IsScalar)
        {
            return new TrialExpectation { Result = Result(node) };
        }

        var map = new MapReader(node, errors, ExpectationKeys);
        return new TrialExpectation
        {
            Result = map.Find("result") is { } result ? Result(result) : null,
            Rule = map.Text("rule", 2 * PolicyLimits.MaxNameLength),
            Policy = map.Text("policy", PolicyLimits.MaxNameLength),
            Risk = Word(map.Find("risk"), Vocabulary.Risks.Words),
            Outcome = Word(map.Find("outcome"), ["enforced", "fail_open", "fail_closed", "not_covered"]),
            Reason = map.Text("reason", PolicyLimits.MaxReasonLength),
            Content = map.Text("content", MaxTextLength),
            MaxTokens = map.Integer("max_tokens", 1, long.MaxValue),
            Model = map.Text("model", PolicyLimits.MaxNameLength),
            Upstream = map.Text("upstream", PolicyLimits.MaxNameLength),
            Shadow = map.Find("shadow") is { Kind: RuleNodeKind.Map } shadow ? shadow.Members.ToDictionary(m => m.Name, m => Result(m.Value) ?? "", StringComparer.Ordinal) : new Dictionary<string, string>(),
        };
    }

    private string? Result(RuleNode node)
    {
        foreach ((string word, string value) in Results)
        {
            if (node.Kind == RuleNodeKind.Text && node.Text == word)
            {
                return value;
            }
        }

        errors.Add(node, $"expected one of allow, modify, redact, ask, deny{(node.IsScalar ? $", found '{MapReader.Short(node.Text)}'" : "")}");
        return null;
    }

    private string? Word(RuleNode? node, IEnumerable<string> words)
    {
        if (node is null || words.Contains(node.Text))
        {
            return node?.Text;
        }

        errors.Add(node, $"expected one of {string.Join(", ", words)}");
        return null;
    }

    private DecisionRequest Request(RuleNode node)
    {
        var map = new MapReader(node, errors, RequestKeys);
        CanonicalEvent? facts = Facts(map.Find("event"));
        string? action = map.Text("action", PolicyLimits.MaxNameLength) ?? (facts is null ? null : DecisionActions.EventIngest);
        if (action is null && node.Find("action") is null)
        {
            errors.Add(node, "expected an action such as model.invoke");
        }

        ActorPart? actor = map.Text("actor", PolicyLimits.MaxNameLength) is { } flat ? FlatForm.ReadActor(flat) : null;
        var texts = ImmutableArray.CreateBuilder<InspectedText>();
        Texts(map.Find("content"), "/content", "user", texts);
        DecisionTool? tool = Tool(map.Find("tool"), texts);
        return new DecisionRequest
        {
            Action = action ?? "",
            Caller = new DecisionCaller
            {
                KeyId = map.Text("key", PolicyLimits.MaxNameLength) ?? (facts is null ? "key" : null), ActorId = actor?.Id, ActorType = actor?.Type,
                User = map.Text("user", PolicyLimits.MaxNameLength) ?? (actor?.Type == "user" ? actor.Id : null), Project = map.Text("project", PolicyLimits.MaxNameLength), Agent = map.Text("agent", PolicyLimits.MaxNameLength),
                Session = map.Text("session", PolicyLimits.MaxNameLength), Address = map.Text("address", PolicyLimits.MaxNameLength),
            },
            Target = map.Text("target", PolicyLimits.MaxNameLength),
            Model = map.Text("model", PolicyLimits.MaxNameLength),
            Mode = map.Text("mode", PolicyLimits.MaxNameLength),
            Tool = tool,
            Texts = texts.ToImmutable(),
            Uncovered = [.. map.Texts("uncovered").Select((why, i) => new UncoveredPart($"/uncovered/{i}", why))],
            IsUnknownPath = map.Flag("unknown_path") ?? false,
            IsApproved = map.Flag("approved") ?? false,
            TimeNs = Time(map),
            Facts = facts,
        };
    }

    private long Time(MapReader map)
    {
        if (map.Text("time", PolicyLimits.MaxNameLength) is not { } text)
        {
            return 0;
        }

        if (Timestamps.TryParse(text, out long ns))
        {
            return ns;
        }

        errors.Add(map.Find("time")!, $"expected {Timestamps.Expected}");
        return 0;
    }

    private CanonicalEvent? Facts(RuleNode? node)
    {
        if (node is null)
        {
            return null;
        }

        ParsedEvent parsed = CanonicalJsonReader.Parse(Encoding.UTF8.GetBytes(CanonicalJson.Write(node, "")), 0, SenderKind.Import);
        if (!parsed.IsOk)
        {
            errors.Add(node, parsed.Reason);
        }

        return parsed.Event;
    }

    private DecisionTool? Tool(RuleNode? node, ImmutableArray<InspectedText>.Builder texts)
    {
        if (node is null)
        {
            return null;
        }

        if (node.Kind != RuleNodeKind.Map)
        {
            errors.Add(node, "expected a map with name, command, args, namespace, server");
            return null;
        }

        var map = new MapReader(node, errors, ["name", "command", "args", "namespace", "server"]);
        string? command = map.Text("command", MaxTextLength);
        if (command is not null)
        {
            texts.Add(new InspectedText("/tool/command", "tool_args", command));
        }

        Texts(map.Find("args"), "/tool/args", "tool_args", texts);
        return new DecisionTool
        {
            Name = map.Text("name", PolicyLimits.MaxNameLength), Namespace = map.Text("namespace", PolicyLimits.MaxNameLength), Server = map.Text("server", PolicyLimits.MaxNameLength), Command = command,
            Args = map.Find("args") is { } args ? Encoding.UTF8.GetBytes(CanonicalJson.Write(args, "")) : default,
        };
    }

    /// <summary>Every text below a node, with its place.</summary>
    private static void Texts(RuleNode? node, string pointer, string role, ImmutableArray<InspectedText>.Builder texts)
    {
        switch (node?.Kind)
        {
            case RuleNodeKind.Text:
                texts.Add(new InspectedText(pointer, role, node.Text));
                break;
            case RuleNodeKind.List:
                for (int i = 0; i < node.Items.Count; i++)
                {
                    Texts(node.Items[i], $"{pointer}/{i}", role, texts);
                }

                break;
            case RuleNodeKind.Map:
                foreach (RuleMember member in node.Members)
                {
                    Texts(member.Value, $"{pointer}/{member.Name}", role, texts);
                }

                break;
        }
    }
}
