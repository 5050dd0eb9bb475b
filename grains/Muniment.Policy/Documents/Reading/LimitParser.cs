using System.Collections.Immutable;
using System.Globalization;
using Muniment.Policy.Predicates;

namespace Muniment.Policy.Documents.Reading;

/// <summary>Reads <c>limits</c>.</summary>
internal sealed class LimitParser(ErrorList errors, HashSet<string> ids)
{
    private const decimal MaxAmount = 1_000_000_000_000_000;
    private const string WindowExpected = "expected a window such as 60s, 15m, 1h, 1d or 4w";

    private static readonly string[] Keys = ["id", "per", "tokens", "usd", "calls", "window", "sliding", "then", "on", "reason"];

    public ImmutableArray<PolicyLimit> Limits(MapReader document)
    {
        if (document.Find("limits") is not { } node)
        {
            return [];
        }

        if (node.Kind != RuleNodeKind.List || node.Items.Count > PolicyLimits.MaxRules)
        {
            errors.Add(node, $"expected a list of at most {PolicyLimits.MaxRules} limits");
            return [];
        }

        var limits = ImmutableArray.CreateBuilder<PolicyLimit>(node.Items.Count);
        foreach (RuleNode item in node.Items)
        {
            if (item.Kind == RuleNodeKind.Map)
            {
                limits.Add(Limit(item));
            }
            else
            {
                errors.Add(item, "expected a limit: a map with id, per, tokens or usd or calls, window");
            }
        }

        return limits.ToImmutable();
    }

    private PolicyLimit Limit(RuleNode node)
    {
        var map = new MapReader(node, errors, Keys);
        foreach (string needed in (string[])["per", "window"])
        {
            if (node.Find(needed) is null)
            {
                errors.Add(node, $"expected {needed}");
            }
        }

        (string Word, LimitUnit Value)[] units = [.. DocumentWords.Units.Where(u => node.Find(u.Word) is not null)];
        if (units.Length != 1)
        {
            errors.Add(node, "expected one of tokens, usd, calls");
        }

        return new PolicyLimit
        {
            Id = map.Id(ids),
            Per = map.Word("per", DocumentWords.Subjects) ?? LimitSubject.User,
            Unit = units.Length == 1 ? units[0].Value : LimitUnit.Calls,
            Amount = units.Length == 1 ? Amount(node.Find(units[0].Word)!, units[0].Value) : 0,
            Window = Window(map),
            Sliding = map.Flag("sliding") ?? false,
            Then = map.Word("then", DocumentWords.LimitEffects) ?? PolicyEffect.Deny,
            On = ActionList.Read(map, errors),
            Reason = map.Text("reason", PolicyLimits.MaxReasonLength),
        };
    }

    private decimal Amount(RuleNode node, LimitUnit unit)
    {
        bool isNumber = node.Kind == RuleNodeKind.Number || (node.Kind == RuleNodeKind.Text && unit == LimitUnit.Usd);
        if (isNumber && decimal.TryParse(node.Text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out decimal amount)
            && amount is >= 0 and <= MaxAmount && (unit == LimitUnit.Usd || amount == decimal.Truncate(amount)))
        {
            return amount;
        }

        errors.Add(node, unit == LimitUnit.Usd ? "expected an amount such as 25 or 0.50" : "expected a whole number from 0");
        return 0;
    }

    private TimeSpan Window(MapReader map)
    {
        if (map.Text("window", PolicyLimits.MaxNameLength) is not { } text)
        {
            return TimeSpan.FromDays(1);
        }

        long seconds = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, 'w' => 7 * 86_400, _ => 0 };
        if (seconds > 0 && long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            && count > 0 && count <= PolicyLimits.MaxWindowDays * 86_400L / seconds)
        {
            return TimeSpan.FromSeconds(count * seconds);
        }

        errors.Add(map.Find("window")!, $"{WindowExpected}, at most {PolicyLimits.MaxWindowDays}d");
        return TimeSpan.FromDays(1);
    }
}
