using Microsoft.Extensions.DependencyInjection;

namespace Muniment.Gateway.Health;

/// <summary>Services of the health endpoints.</summary>
public static class HealthServices
{
    /// <summary>Registers readiness and metrics. Metrics listen from now on, so call it early.</summary>
    public static IServiceCollection AddMunimentHealth(this IServiceCollection services)
    {
        services.AddSingleton(new PrometheusMetrics());
        services.AddSingleton<Readiness>();
        services.AddSingleton<IReadiness>(s => s.GetRequiredService<Readiness>());
        return services;
    }
}
