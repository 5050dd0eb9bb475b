using System.Buffers;
using System.Collections.Immutable;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Predicates;

namespace Muniment.Policy.Documents.Reading;

/// <summary>Reads <c>on</c>. Any <c>resource.verb</c> may be decided, so an action cannot be unknown; but one that is almost one of ours is a slip.</summary>
internal static class ActionList
{
    private const int SlipDistance = 2;

    private static readonly SearchValues<char> Characters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-.*?");

    public static ImmutableArray<string> Read(MapReader map, ErrorList errors)
    {
        ImmutableArray<string> actions = map.Texts("on");
        if (map.Find("on") is not { } node)
        {
            return actions;
        }

        foreach (RuleNode item in node.Kind == RuleNodeKind.List ? node.Items : [node])
        {
            if (item.Kind == RuleNodeKind.Text && Wrong(item.Text) is { } wrong)
            {
                errors.Add(item, wrong);
            }
        }

        return actions;
    }

    private static string? Wrong(string action)
    {
        string known = string.Join(", ", DecisionActions.All);
        bool isPattern = action.AsSpan().ContainsAny('*', '?');
        if (action.AsSpan().ContainsAnyExcept(Characters) || (!action.Contains('.') && !action.Contains('*')))
        {
            return $"expected an action such as {known}, * and ? as wildcards, found '{MapReader.Short(action)}'";
        }

        if (isPattern || DecisionActions.All.Contains(action))
        {
            return null;
        }

        return DecisionActions.All.FirstOrDefault(a => Distance(a, action) <= SlipDistance) is { } meant ? $"unknown action '{action}', expected {meant}?" : null;
    }

    /// <summary>How many letters differ (Levenshtein).</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
