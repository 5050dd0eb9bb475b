
namespace Muniment.Host;

/// <summary>Which actor runtime was built, and what it cannot do.</summary>
internal static class ClusterSettings
{
    /// <summary><c>nuget</c> or <c>local</c>, as in <c>run.json</c>.</summary>
#if ORLEANS_LOCAL
    public const string Runtime = "local";
#else
    public const string Runtime = "nuget";
#endif

    /// <summary>What the banner says.</summary>
    public static string Description => Runtime == "nuget" ? "Microsoft Orleans" : "the single-process stand-in (Microsoft Orleans was not in the package registry; no cluster)";

    /// <summary>One sentence for settings that this build cannot carry out, or null.</summary>
    public static string? Refuse(IConfiguration configuration)
    {
        string role = configuration["Role"] ?? "all";
        if (role is not ("all" or "gateway" or "silo"))
        {
            return $"--role {role}: expected all, gateway or silo.";
        }

        if (role != "all" || configuration["Cluster:ConnectionString"] is { Length: > 0 })
        {
            return Runtime == "local"
                ? "A cluster needs Microsoft Orleans, and this build has the single-process stand-in: build with -p:Orleans=nuget where the package registry has it, or start with --role all."
                : $"--role {role}: gateway and silo apart come with the cluster's own work; this version starts with --role all.";
        }

        return null;
    }
}
