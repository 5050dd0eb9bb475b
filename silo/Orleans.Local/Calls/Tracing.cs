using System.Diagnostics;

namespace Orleans.Local.Calls;

/// <summary>The activity source of grain calls; its name is Orleans' own, so that a listener finds it in both modes.</summary>
internal static class Tracing
{
    public static readonly ActivitySource Application = new("Microsoft.Orleans.Application");
}
