using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Muniment.Gateway.Administration;

/// <summary>The parameters <c>limit</c> and <c>cursor</c> of a list.</summary>
/// <param name="Limit">Items wanted.</param>
/// <param name="Cursor">Id after which the page begins, or null.</param>
public sealed record ListQuery(int Limit, string? Cursor)
{
    /// <summary>Their names, for the route.</summary>
    public static readonly ImmutableArray<string> Parameters = ["limit", "cursor"];

    /// <summary>Most items of a page.</summary>
    public const int MaxLimit = 1000;

    private const int DefaultLimit = 100;

    /// <summary>Reads them; null with the fault otherwise.</summary>
    public static ListQuery? Read(HttpRequest request, out IResult? fault)
    {
        fault = null;
        string? limitText = request.Query["limit"];
        int limit = DefaultLimit;
        if (limitText is not null
            && (!int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
        {
            fault = Problem.BadField("limit", $"a number from 1 to {MaxLimit}");
        }

        return fault is null ? new ListQuery(limit, request.Query["cursor"]) : null;
    }

    /// <summary>The page of a list that is sorted by id, and the cursor of the next one.</summary>
    public (IReadOnlyList<T> Items, string? Next) Page<T>(IEnumerable<T> sorted, Func<T, string> id)
    {
        List<T> items = [.. sorted.Where(item => Cursor is null || string.CompareOrdinal(id(item), Cursor) > 0).Take(Limit + 1)];
        if (items.Count <= Limit)
        {
            return (items, null);
        }

        items.RemoveAt(Limit);
        return (items, id(items[^1]));
    }
}
