using System.Text.Json;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Configuration;

/// <summary>Turns a selection of <c>where</c> or <c>sample.keep</c> into a test. The one predicate language lives elsewhere; delivery only asks.</summary>
public interface IPredicateCompiler
{
    /// <summary>The test, or null with what was expected.</summary>
    Func<CanonicalEvent, bool>? Compile(JsonElement selection, out string? expected);
}
