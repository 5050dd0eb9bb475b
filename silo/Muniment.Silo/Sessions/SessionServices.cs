using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Muniment.Events;
using Muniment.Grains.Sessions;
using Muniment.Journal;
using Muniment.Journal.Positions;
using Muniment.Journal.Sessions;

namespace Muniment.Silo.Sessions;

/// <summary>Puts the folding of sessions together for a silo. Its tables are those of <see cref="SessionTable.Owner"/>.</summary>
internal static class SessionServices
{
    public static void AddSessions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SessionOptions>().Bind(configuration.GetSection("Sessions"))
            .Validate(o => o.IdleMinutes is >= 1 and <= 10_080, "Sessions:IdleMinutes: expected 1 to 10080");
        services.TryAddSingleton(new SessionLimits());
        services.AddSingleton<SessionTable>();
        services.AddSingleton<SessionReader>();
        services.AddSingleton<SessionHints>();
        services.AddSingleton<Func<TenantId, SessionProjection>>(s => tenant => new SessionProjection(
            tenant, s.GetRequiredService<IJournalReader>(), s.GetRequiredService<IPositionStore>(), s.GetRequiredService<SessionTable>(), s.GetRequiredService<SessionLimits>(),
            s.GetRequiredService<TimeProvider>()));
    }
}
