using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Muniment.Gateway.Query;

namespace Muniment.Gateway.Hosting;

/// <summary>Endpoint metadata: the query parameters of a route. A route that does not say so takes none.</summary>
/// <param name="Names">The parameters' names; default when the route reads its query string itself.</param>
public sealed record TakesParameters(ImmutableArray<string> Names);

/// <summary>How routes name their query parameters, and the one place where any other is refused.</summary>
public static class ParameterExtensions
{
    /// <summary>Names the query parameters of a route.</summary>
    public static TBuilder Takes<TBuilder>(this TBuilder builder, params ImmutableArray<string> names)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new TakesParameters(names));

    /// <summary>The route judges its query string itself: it refuses what it does not know, or its protocol's clients send what they like.</summary>
    public static TBuilder JudgesParameters<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new TakesParameters(default));

    /// <summary>The refusal of the first parameter that the endpoint does not take; null when there is none.</summary>
    internal static Refusal? RefuseParameters(this HttpContext context)
    {
        if (context.Request.QueryString.HasValue && context.GetEndpoint() is { } endpoint)
        {
            ImmutableArray<string> known = endpoint.Metadata.GetMetadata<TakesParameters>() is { } takes ? takes.Names : [];
            if (!known.IsDefault && context.Request.Query.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            {
                return QueryParameters.Unknown(unknown, known);
            }
        }

        return null;
    }
}
