using System.Collections.Immutable;
using System.Text;
using System.Text.Unicode;
using Muniment.Policy.Documents.Reading;
using Muniment.Policy.Predicates;

namespace Muniment.Policy.Documents;

/// <summary>
/// Reads, checks and compiles policy documents, YAML or JSON. Nothing that is not understood is passed over: unknown keys, fields and modifiers are errors with
/// their place. Never throws at a document.
/// </summary>
public static class PolicyParser
{
    private const string Tests = "tests";

    private static readonly string[] Keys = ["scope", "lock", "mode", "default", "uncovered", "reasoning", "evidence", "rules", "limits", Tests];

    /// <summary>Reads a document in UTF-8.</summary>
    public static ParsedPolicy Parse(ReadOnlySpan<byte> utf8, PolicyParserOptions? options = null) => Utf8.IsValid(utf8)
        ? Parse(Encoding.UTF8.GetString(utf8), options)
        : Wrong(new PolicyError(1, 1, "", "expected UTF-8"));

    /// <summary>Reads a document.</summary>
    public static ParsedPolicy Parse(string text, PolicyParserOptions? options = null)
    {
        if (text.Length > PolicyLimits.MaxDocumentLength)
        {
            return Wrong(new PolicyError(1, 1, "", $"expected at most {PolicyLimits.MaxDocumentLength} characters"));
        }

        DocumentNodes nodes = DocumentNodes.Read(text);
        return nodes.Root is null ? Wrong(nodes.Error!) : Parse(nodes.Root, options ?? PolicyParserOptions.Usual);
    }

    private static ParsedPolicy Parse(RuleNode root, PolicyParserOptions options)
    {
        var errors = new ErrorList();
        if (root.Kind != RuleNodeKind.Map)
        {
            return Wrong(new PolicyError(root.Line, root.Column, "", "expected a map with rules, limits, default, …"));
        }

        var map = new MapReader(root, errors, Keys);
        PolicyScope scope = PolicyScope.Org;
        if (map.Text("scope", PolicyLimits.MaxNameLength + 8) is { } written && !PolicyScope.TryParse(written, out scope))
        {
            errors.Add(root.Find("scope")!, $"expected {PolicyScope.Expected}, found '{written}'");
        }

        var ids = new HashSet<string>(StringComparer.Ordinal);
        ImmutableArray<PolicyRule> rules = new RuleParser(errors, options, ids).Rules(map);
        ImmutableArray<PolicyLimit> limits = new LimitParser(errors, ids).Limits(map);
        var document = new PolicyDocument
        {
            Scope = scope,
            Lock = map.Flag("lock") ?? false,
            Mode = map.Word("mode", DocumentWords.Modes) ?? PolicyMode.Enforce,
            Default = map.Word("default", DocumentWords.Defaults),
            Uncovered = map.Word("uncovered", DocumentWords.Uncovered),
            Reasoning = map.Word("reasoning", DocumentWords.Reasoning),
            Evidence = map.Word("evidence", DocumentWords.Evidence),
            Rules = rules,
            Limits = limits,
        };
        if (errors.Any)
        {
            return new ParsedPolicy { Errors = errors.Sorted() };
        }

        string canonical = Reading.CanonicalJson.Write(root, Tests);
        return new ParsedPolicy { Document = document with { CanonicalJson = canonical, Digest = Reading.CanonicalJson.Digest(canonical) }, Tests = root.Find(Tests) };
    }

    private static ParsedPolicy Wrong(PolicyError error) => new() { Errors = [error] };
}
