using System.Collections.Immutable;
using Muniment.Policy.Predicates;

namespace Muniment.Policy.Documents.Reading;

/// <summary>Reads <c>set</c>.</summary>
internal sealed class ChangesParser(ErrorList errors)
{
    private const string ResourcePrefix = "resource.";
    private const long MaxTokens = 100_000_000;

    private static readonly string[] Resources = ["workspace", "project", "team", "environment", "repo", "ticket", "incident"];
    private static readonly string[] Keys = ["max_tokens", "model", "upstream", "fallback", "tools_remove", .. Resources.Select(r => ResourcePrefix + r)];

    public PolicyChanges Changes(RuleNode? node)
    {
        if (node is null)
        {
            return PolicyChanges.None;
        }

        if (node.Kind != RuleNodeKind.Map || node.Members.Count == 0)
        {
            errors.Add(node, $"expected a map with one of {string.Join(", ", Keys)}");
            return PolicyChanges.None;
        }

        var map = new MapReader(node, errors, Keys);
        return new PolicyChanges
        {
            MaxTokens = map.Integer("max_tokens", 1, MaxTokens),
            Model = map.Text("model", PolicyLimits.MaxNameLength),
            Upstream = map.Text("upstream", PolicyLimits.MaxNameLength),
            Fallback = Fallback(map.Find("fallback")),
            ToolsRemove = map.Texts("tools_remove"),
            Resource = [.. Resources.Select(r => KeyValuePair.Create(r, map.Text(ResourcePrefix + r, PolicyLimits.MaxNameLength)!)).Where(r => r.Value is not null)],
        };
    }

    private ImmutableArray<FallbackTarget> Fallback(RuleNode? node)
    {
        if (node is null)
        {
            return [];
        }

        IReadOnlyList<RuleNode> items = node.Kind == RuleNodeKind.List ? node.Items : [node];
        if (items.Count is 0 or > PolicyLimits.MaxListLength)
        {
            errors.Add(node, $"expected a list of 1 to {PolicyLimits.MaxListLength} upstreams");
        }

        var targets = ImmutableArray.CreateBuilder<FallbackTarget>(items.Count);
        foreach (RuleNode item in items)
        {
            if (item.Kind == RuleNodeKind.Text && item.Text.Length is > 0 and <= PolicyLimits.MaxNameLength)
            {
                targets.Add(new FallbackTarget(item.Text));
            }
            else if (item.Kind == RuleNodeKind.Map)
            {
                var map = new MapReader(item, errors, ["upstream", "model"]);
                if (map.Text("upstream", PolicyLimits.MaxNameLength) is { } upstream)
                {
                    targets.Add(new FallbackTarget(upstream, map.Text("model", PolicyLimits.MaxNameLength)));
                }
                else if (item.Find("upstream") is null)
                {
                    errors.Add(item, "expected upstream");
                }
            }
            else
            {
                errors.Add(item, "expected the name of an upstream, or a map with upstream and model");
            }
        }

        return targets.ToImmutable();
    }
}
