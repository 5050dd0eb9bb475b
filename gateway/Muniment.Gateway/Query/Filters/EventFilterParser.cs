using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Primitives;
using Muniment.Events;
using Muniment.Events.Canonical.Fields;
using Muniment.Events.Terms;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Policy.Predicates;

namespace Muniment.Gateway.Query.Filters;

/// <summary>
/// Reads the filter parameters of <c>GET events</c> for a caller: what it may not name is refused, what a bound key may not see is added as a condition.
/// Several values of one parameter mean any of them.
/// </summary>
internal static class EventFilterParser
{
    private static readonly string[] Others = ["since", "until", "received_since", "received_until", "q", "where"];

    /// <summary>Whether it is a filter parameter.</summary>
    public static bool IsFilter(string name) => FilterName.Find(name) is not null || Array.IndexOf(Others, name) >= 0;

    /// <summary>Reads the filter; a refusal names the parameter.</summary>
    public static Refusal? Read(IEnumerable<KeyValuePair<string, StringValues>> parameters, Caller caller, out EventFilter filter)
    {
        filter = EventFilter.All;
        var fields = ImmutableArray.CreateBuilder<FieldCondition>();
        foreach ((string name, StringValues values) in parameters)
        {
            if (values.Count > QueryLimits.MaxValues || values.Any(v => v is null || v.Length > QueryLimits.MaxParameterLength))
            {
                return QueryParameters.Bad(name, $"at most {QueryLimits.MaxValues} values of at most {QueryLimits.MaxParameterLength} characters");
            }

            Refusal? refusal = FilterName.Find(name) is { } field ? ReadField(field, values, fields, ref filter) : ReadOther(name, values, caller, ref filter);
            if (refusal is not null)
            {
                return refusal;
            }
        }

        filter = filter with { Fields = Bind(fields, caller).ToImmutable() };
        return filter.Where is { } where && Sees(caller) is false && where.Fields.FirstOrDefault(SensitiveFields.IsSensitive) is { } hidden
            ? new Refusal(RefusalKind.Forbidden, $"{hidden}: the role {caller.Role.Name()} may not name this field", hidden)
            : null;
    }

    /// <summary>Whether a caller sees prompts, commands and tool text.</summary>
    public static bool Sees(Caller caller) => caller.Role is not Role.Analyst;

    private static Refusal? ReadField(FilterName name, StringValues values, ImmutableArray<FieldCondition>.Builder fields, ref EventFilter filter)
    {
        var wanted = ImmutableArray.CreateBuilder<string>(values.Count);
        foreach (string? value in values)
        {
            if (string.IsNullOrEmpty(value))
            {
                return QueryParameters.Bad(name.Name, "a value");
            }

            if (name.Words is { } words && words.Find(value) is null)
            {
                return QueryParameters.Bad(name.Name, words.Expected);
            }

            if (name.Term == TermField.Trace && (value.Length != 32 || value.AsSpan().ContainsAnyExcept("0123456789abcdefABCDEF")))
            {
                return QueryParameters.Bad(name.Name, "32 hex digits");
            }

            if (name.Term == TermField.PolicyVersion && !(long.TryParse(value, out long version) && version >= 0 && FieldValue.Of((long?)version).AsText() == value))
            {
                return QueryParameters.Bad(name.Name, "an integer not below 0");
            }

            wanted.Add(name.Term == TermField.Trace ? value.ToLowerInvariant() : value);
        }

        if (name.Term == TermField.Signal && wanted.Contains("metric"))
        {
            filter = filter with { Metrics = true };
        }

        fields.Add(new FieldCondition(name, wanted.ToImmutable()));
        return null;
    }

    private static Refusal? ReadOther(string name, StringValues values, Caller caller, ref EventFilter filter)
    {
        if (values.Count != 1)
        {
            return QueryParameters.Bad(name, "one value");
        }

        string value = values[0]!;
        switch (name)
        {
            case "q":
                ImmutableArray<string> words = TextWords.Split(value);
                if (words.Length is 0 or > QueryLimits.MaxWords)
                {
                    return QueryParameters.Bad(name, $"1 to {QueryLimits.MaxWords} words of letters and digits");
                }

                filter = filter with { Words = words };
                return null;
            case "where":
                if (!Predicate.TryCompileJson(Encoding.UTF8.GetBytes(value), "where", out Predicate? where, out PredicateError? error))
                {
                    return new Refusal(RefusalKind.Malformed, error.ToString(), error.Path);
                }

                filter = filter with { Where = where };
                return null;
            default:
                if (!QueryParameters.TryTime(value, out long ns))
                {
                    return QueryParameters.Bad(name, Timestamps.Expected);
                }

                filter = name switch
                {
                    "since" => filter with { SinceNs = ns },
                    "until" => filter with { UntilNs = ns },
                    "received_since" => filter with { ReceivedSinceNs = ns },
                    _ => filter with { ReceivedUntilNs = ns },
                };
                return null;
        }
    }

    /// <summary>A bound key reads only its own, whatever else it asks for.</summary>
    public static ImmutableArray<FieldCondition>.Builder Bind(ImmutableArray<FieldCondition>.Builder fields, Caller caller)
    {
        if (caller.User is { } user)
        {
            fields.Add(new FieldCondition(FilterName.Find("user")!, [user]));
        }

        if (caller.Project is { } project)
        {
            fields.Add(new FieldCondition(FilterName.Find("project")!, [project]));
        }

        return fields;
    }
}
