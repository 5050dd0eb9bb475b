using System.Text.Json;
using Muniment.Delivery.Configuration;
using Muniment.Events.Canonical;
using Muniment.Policy.Predicates;

namespace Muniment.Grains.Destinations;

/// <summary>The platform's one predicate language for <c>where</c> and <c>sample.keep</c>.</summary>
public sealed class PolicyPredicates : IPredicateCompiler
{
    /// <inheritdoc/>
    public Func<CanonicalEvent, bool>? Compile(JsonElement selection, out string? expected)
    {
        if (Predicate.TryCompileJson(JsonSerializer.SerializeToUtf8Bytes(selection), "", out Predicate? predicate, out PredicateError? error))
        {
            expected = null;
            return predicate.Matches;
        }

        expected = "a Sigma selection; " + error;
        return null;
    }
}
