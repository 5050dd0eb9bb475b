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

    /// <summary>Under <c>on_full: expire</c>, how old an undelivered event may grow; null for no limit.</summary>
    public TimeSpan? MaxBacklogAge { get; init; }

    /// <summary>
    /// Reads <c>Egress:Allow</c>, <c>Log:Origin</c>, <c>Delivery:AmbientTenants</c> (a list, or names with commas) and <c>Delivery:MaxBacklogAge</c> (<c>days.hours:minutes:seconds</c>).
    /// </summary>
    /// <returns>False with what is wrong.</returns>
    public static bool TryRead(IConfiguration configuration, string exportDirectory, [NotNullWhen(true)] out DestinationOptions? options, [NotNullWhen(false)] out string? error)
    {
        options = null;
        if (!EgressRule.TryParseList(configuration["Egress:Allow"], out ImmutableArray<EgressRule> rules, out error))
        {
            error = "--egress-allow " + error;
            return false;
        }

        TimeSpan? maxBacklogAge = null;
        if (configuration["Delivery:MaxBacklogAge"] is { Length: > 0 } text)
        {
            if (!TimeSpan.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out TimeSpan age) || age < TimeSpan.FromMinutes(1))
            {
                error = $"Delivery:MaxBacklogAge is '{text}', expected days.hours:minutes:seconds of at least a minute, such as 7.00:00:00";
                return false;
            }

            maxBacklogAge = age;
        }

        string origin = configuration["Log:Origin"] ?? "muniment.local";
        options = new DestinationOptions(exportDirectory, rules, tenant => $"{origin}/{tenant}")
        {
            MaxBacklogAge = maxBacklogAge,
            AmbientTenants =
            [
                .. configuration.GetSection("Delivery:AmbientTenants").GetChildren().Select(c => c.Value ?? "")
                    .Concat((configuration["Delivery:AmbientTenants"] ?? "").Split(',')).Select(t => t.Trim()).Where(t => t.Length > 0),
            ],
        };
        return true;
    }
}
