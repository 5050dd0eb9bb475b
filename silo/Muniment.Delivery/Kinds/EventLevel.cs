using Muniment.Events.Canonical;

namespace Muniment.Delivery.Kinds;

/// <summary>The level under which log systems show an event.</summary>
internal static class EventLevel
{
    public static string Of(CanonicalEvent value) => value.Result switch
    {
        "error" => "error",
        "denied" or "failure" => "warn",
        _ => value.Risk is "high" or "critical" ? "warn" : "info",
    };
}
