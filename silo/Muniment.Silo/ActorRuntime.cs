namespace Muniment.Silo;

/// <summary>Which actor runtime this build stands on. Decided when it was built (<c>-p:Orleans=nuget|local</c>), so it is a constant.</summary>
public static class ActorRuntime
{
#if ORLEANS_LOCAL
    /// <summary>True: the single-process stand-in. It cannot cluster.</summary>
    public const bool IsStandIn = true;

    /// <summary>As <c>run.json</c> and the start-up line name it.</summary>
    public const string Name = "local";
#else
    /// <summary>True: the single-process stand-in. It cannot cluster.</summary>
    public const bool IsStandIn = false;

    /// <summary>As <c>run.json</c> and the start-up line name it.</summary>
    public const string Name = "nuget";
#endif

    /// <summary>
    /// Null when this build can run as configured, else the one sentence with which to refuse the start.
    /// </summary>
    /// <param name="clustered">True when the configuration asks for more than one process: ADO.NET clustering, or a role other than <c>all</c>.</param>
    public static string? WhyNotStart(bool clustered) => clustered && IsStandIn
        ? "A clustered configuration was asked for, but this build runs on the single-process stand-in for Microsoft Orleans; build it with -p:Orleans=nuget on a machine where Microsoft.Orleans.* restores."
        : null;
}
