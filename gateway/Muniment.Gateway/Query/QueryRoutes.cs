using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Query.Endpoints;
using Muniment.Gateway.Query.Scanning;
using Muniment.Gateway.Query.Sessions;
using Muniment.Journal;

namespace Muniment.Gateway.Query;

/// <summary>Reading under <c>/api/v1</c>.</summary>
public static class QueryRoutes
{
    /// <summary>Registers what reading needs. The host adds <c>IJournalReader</c>, <c>ITenantKeyring</c>, <c>IGrainFactory</c> and <c>TimeProvider</c>.</summary>
    public static IServiceCollection AddMunimentQuery(this IServiceCollection services)
    {
        services.AddSingleton<EventScanner>();
        services.AddSingleton<ScanGate>();
        services.TryAddSingleton<AppendSignal>();
        services.AddSingleton<EventsEndpoint>();
        services.AddSingleton<EventEndpoint>();
        services.AddSingleton<TailEndpoint>();
        services.AddSingleton<ExportEndpoint>();
        services.TryAddSingleton<ISessionDirectory, GrainSessionDirectory>();
        services.AddSingleton<SessionsEndpoint>();
        services.AddSingleton<SessionEndpoint>();
        services.AddSingleton<TraceEndpoint>();
        services.AddSingleton<TimelineEndpoint>();
        return services;
    }

    /// <summary>Maps the routes, each with its permission.</summary>
    public static IEndpointRouteBuilder MapQuery(this IEndpointRouteBuilder routes)
    {
        IServiceProvider services = routes.ServiceProvider;
        Get(routes, "events", services.GetRequiredService<EventsEndpoint>().HandleAsync);
        Get(routes, "events/tail", services.GetRequiredService<TailEndpoint>().HandleAsync);
        Get(routes, "events/{id}", services.GetRequiredService<EventEndpoint>().HandleAsync);
        Get(routes, "export", services.GetRequiredService<ExportEndpoint>().HandleAsync);
        Get(routes, "sessions", services.GetRequiredService<SessionsEndpoint>().HandleAsync);
        Get(routes, "sessions/{id}", services.GetRequiredService<SessionEndpoint>().HandleAsync);
        Get(routes, "traces/{id}", services.GetRequiredService<TraceEndpoint>().HandleAsync);
        Get(routes, "timeline", services.GetRequiredService<TimelineEndpoint>().HandleAsync);
        return routes;
    }

    private static void Get(IEndpointRouteBuilder routes, string path, Microsoft.AspNetCore.Http.RequestDelegate handler) =>
        routes.MapGet("/api/v1/" + path, (Delegate)handler).Requires(Permission.ReadEvents).JudgesParameters();
}
