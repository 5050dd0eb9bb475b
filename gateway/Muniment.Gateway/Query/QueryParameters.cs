using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Muniment.Events;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Query.Filters;

namespace Muniment.Gateway.Query;

/// <summary>What a request asks for besides the filter. Reading refuses unknown parameters by name.</summary>
internal sealed record QueryParameters
{
    /// <summary>Which events.</summary>
    public EventFilter Filter { get; private init; } = EventFilter.All;

    /// <summary>Most items; null when not given.</summary>
    public int? Limit { get; private init; }

    /// <summary>Where to go on.</summary>
    public string? Cursor { get; private init; }

    /// <summary><c>asc</c> or <c>desc</c>; null when not given.</summary>
    public string? Order { get; private init; }

    /// <summary>Form of the events.</summary>
    public string? Format { get; private init; }

    /// <summary>Seq that must be readable first.</summary>
    public long? MinSeq { get; private init; }

    /// <summary>Reads the query string. Filter parameters are always allowed, the others only when named.</summary>
    public static Refusal? Read(HttpContext context, out QueryParameters parameters, params ReadOnlySpan<string> allowed) => Read(context, QueryLimits.MaxPage, out parameters, allowed);

    /// <summary>The same with another largest <c>limit</c>.</summary>
    public static Refusal? Read(HttpContext context, int maxLimit, out QueryParameters parameters, params ReadOnlySpan<string> allowed)
    {
        parameters = new QueryParameters();
        var filters = new List<KeyValuePair<string, StringValues>>();
        foreach (KeyValuePair<string, StringValues> pair in context.Request.Query)
        {
            if (EventFilterParser.IsFilter(pair.Key))
            {
                filters.Add(pair);
                continue;
            }

            if (!allowed.Contains(pair.Key))
            {
                return Unknown(pair.Key);
            }

            Refusal? refusal = ReadOne(pair.Key, pair.Value, maxLimit, ref parameters);
            if (refusal is not null)
            {
                return refusal;
            }
        }

        Refusal? wrong = EventFilterParser.Read(filters, context.Caller(), out EventFilter filter);
        parameters = parameters with { Filter = filter };
        return wrong;
    }

    /// <summary>Reads a time. A plus sign that was not encoded arrives as a space; where only an offset's sign can stand it is taken as what was meant.</summary>
    public static bool TryTime(string value, out long ns) =>
        Timestamps.TryParse(value.Length > 6 && value[^6] == ' ' ? $"{value[..^6]}+{value[^5..]}" : value, out ns);

    /// <summary>400 that names a parameter.</summary>
    public static Refusal Bad(string name, string expected) => new(RefusalKind.Malformed, $"{Shown(name)}: expected {expected}", Shown(name));

    /// <summary>400 for a parameter that nobody knows.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="known">The names that there are, when they are few.</param>
    public static Refusal Unknown(string name, ImmutableArray<string> known = default) => new(
        RefusalKind.Malformed, $"{Shown(name)}: unknown parameter" + (known.IsDefault ? "" : known.IsEmpty ? "; there are none here" : $"; expected {string.Join(", ", known)}"), Shown(name));

    /// <summary>A name as it may be shown: short and on one line.</summary>
    private static string Shown(string name) =>
        new([.. name.Take(64).Select(c => char.IsControl(c) ? '?' : c)]);

    private static Refusal? ReadOne(string name, StringValues values, int maxLimit, ref QueryParameters parameters)
    {
        if (values.Count != 1 || values[0] is not { Length: > 0 and <= QueryLimits.MaxParameterLength } value)
        {
            return Bad(name, "one value");
        }

        switch (name)
        {
            case "limit":
                if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) || limit < 1 || limit > maxLimit)
                {
                    return Bad(name, $"an integer from 1 to {maxLimit}");
                }

                parameters = parameters with { Limit = limit };
                return null;
            case "cursor":
                parameters = parameters with { Cursor = value };
                return null;
            case "order":
                parameters = parameters with { Order = value };
                return value is "asc" or "desc" ? null : Bad(name, "asc or desc");
            case "format":
                parameters = parameters with { Format = value };
                return null;
            case "min_seq":
                parameters = parameters with { MinSeq = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long seq) ? seq : null };
                return parameters.MinSeq is null ? Bad(name, "an integer not below 0") : null;
            default:
                return Unknown(name);
        }
    }
}
