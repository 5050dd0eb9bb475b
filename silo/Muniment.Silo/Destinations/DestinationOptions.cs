using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Muniment.Egress;
using Muniment.Events;

namespace Muniment.Silo.Destinations;

/// <summary>What the host says about delivery.</summary>
/// <param name="ExportDirectory">Folder <c>export</c> of the data directory.</param>
/// <param name="EgressAllow">The operator's allow-list.</param>
/// <param name="Origin">Name of a tenant's log, as in its checkpoints.</param>
public sealed record DestinationOptions(string ExportDirectory, ImmutableArray<EgressRule> EgressAllow, Func<TenantId, string> Origin)
{
    /// <summary>Tenants whose destinations may use the process's own cloud credentials.</summary>
    public ImmutableHashSet<string> AmbientTenants { get; init; } = [];

    /// <summary>Reads <c>Egress:Allow</c>, <c>Log:Origin</c> and <c>Delivery:AmbientTenants</c> (a list, or names with commas).</summary>
    /// <returns>False with what is wrong with the allow-list.</returns>
    public static bool TryRead(IConfiguration configuration, string exportDirectory, [NotNullWhen(true)] out DestinationOptions? options, [NotNullWhen(false)] out string? error)
    {
        options = null;
        if (!EgressRule.TryParseList(configuration["Egress:Allow"], out ImmutableArray<EgressRule> rules, out error))
        {
            return false;
        }

        string origin = configuration["Log:Origin"] ?? "muniment.local";
        options = new DestinationOptions(exportDirectory, rules, tenant => $"{origin}/{tenant}")
        {
            AmbientTenants =
            [
                .. configuration.GetSection("Delivery:AmbientTenants").GetChildren().Select(c => c.Value ?? "")
                    .Concat((configuration["Delivery:AmbientTenants"] ?? "").Split(',')).Select(t => t.Trim()).Where(t => t.Length > 0),
            ],
        };
        return true;
    }
}
