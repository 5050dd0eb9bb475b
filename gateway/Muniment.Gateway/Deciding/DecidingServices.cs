using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Muniment.Gateway.Deciding.Budgets;
using Muniment.Gateway.Ingest.Rules;
using Muniment.Gateway.Policies;
using Muniment.Gateway.Upstreams;

namespace Muniment.Gateway.Deciding;

/// <summary>Puts policies, upstreams and deciding together.</summary>
public static class DecidingServices
{
    /// <summary>Registers them. The host adds what <c>AddMunimentGateway</c> wants, and an <c>EgressGuard</c>.</summary>
    public static IServiceCollection AddMunimentDeciding(this IServiceCollection services)
    {
        services.AddSingleton<IDecidingStore, GrainDecidingStore>();
        services.AddSingleton<DecidingCache>();
        services.AddSingleton<IUpstreamDirectory, UpstreamDirectory>();
        services.AddSingleton<UpstreamAddress>();
        services.AddSingleton<UpstreamRoutes>();
        services.AddSingleton<PolicyRoutes>();
        services.AddSingleton<SimulateRoute>();
        services.AddSingleton<DecideRoutes>();
        services.AddSingleton<BudgetBook>();
        services.AddHostedService(provider => provider.GetRequiredService<BudgetBook>());
        services.AddSingleton<IApprovalStore, GrainApprovalStore>();
        services.AddSingleton<IDecider, Decider>();
        services.AddSingleton<DecisionLog>();
        services.AddSingleton<IIngestRules, PolicyIngestRules>();
        services.AddSingleton<InterruptedDecisions>();
        services.AddHostedService(provider => provider.GetRequiredService<InterruptedDecisions>());
        services.AddSingleton<IDecisionLog>(provider => provider.GetRequiredService<DecisionLog>());
        return services;
    }

    /// <summary>Maps their routes.</summary>
    public static IEndpointRouteBuilder MapDeciding(this IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<UpstreamRoutes>().Map(routes);
        routes.ServiceProvider.GetRequiredService<PolicyRoutes>().Map(routes);
        routes.ServiceProvider.GetRequiredService<SimulateRoute>().Map(routes);
        routes.ServiceProvider.GetRequiredService<DecideRoutes>().Map(routes);
        return routes;
    }
}
