using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Muniment.Gateway.Access;

namespace Muniment.Gateway.Administration;

/// <summary>Routes of keys, tenants, settings, setup, version and the description of the API.</summary>
internal static class AdministrationRoutes
{
    public static void MapAdministration(this IEndpointRouteBuilder routes)
    {
        IServiceProvider services = routes.ServiceProvider;
        services.GetRequiredService<KeyRoutes>().Map(routes);
        services.GetRequiredService<TenantRoutes>().Map(routes);
        services.GetRequiredService<SettingsRoutes>().Map(routes);
        services.GetRequiredService<PlatformRoutes>().Map(routes);
        routes.MapOpenApi("/openapi/{documentName}.json").Requires(Permission.Anyone);
    }

    public static void AddAdministration(this IServiceCollection services)
    {
        services.AddSingleton<IAdminLog, AdminLog>();
        services.AddSingleton<KeyRoutes>();
        services.AddSingleton<TenantRoutes>();
        services.AddSingleton<SettingsRoutes>();
        services.AddSingleton<PlatformRoutes>();
        services.AddOpenApi("v1", options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Muniment";
            document.Info.Description = "Records what AI agents do and delivers it. Errors are RFC 9457 problem documents.";
            return Task.CompletedTask;
        }).AddDocumentTransformer<ReceiverDescription>());
    }
}
