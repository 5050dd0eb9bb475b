using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Muniment.Gateway.Access;
using Muniment.Gateway.Administration;
using Muniment.Gateway.Ingest;
using Muniment.Gateway.Ingest.Bodies;
using Muniment.Gateway.Ingest.Hec;
using Muniment.Gateway.Ingest.Json;
using Muniment.Gateway.Ingest.Limits;
using Muniment.Gateway.Ingest.Opa;
using Muniment.Gateway.Ingest.Otlp;
using Muniment.Gateway.Ingest.Rules;
using Muniment.Gateway.Ingest.Segments;

namespace Muniment.Gateway.Hosting;

/// <summary>Puts the gateway together.</summary>
public static class GatewayServices
{
    /// <summary>
    /// Registers the door. The host adds <c>IGrainFactory</c>, <c>ITenantKeyring</c> and <c>TimeProvider</c> (system time when it does not).
    /// </summary>
    public static IServiceCollection AddMunimentGateway(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<GatewayOptions>()
            .Bind(configuration.GetSection(GatewayOptions.Section))
            .Configure(options => options.ExportsAdminOnly |= configuration["Access:ExportsAdminOnly"] is "super_admin" or "true")
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ITenantStore, GrainTenantStore>();
        services.AddSingleton<IEventSink, JournalSink>();
        services.AddSingleton<TenantCache>();
        services.AddSingleton<TenantBootstrap>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton<AccessMiddleware>();
        services.AddSingleton<RequestEdge>();
        services.AddSingleton<ListenerMiddleware>();
        services.AddAdministration();
        AddReceivers(services);
        return services;
    }

    private static void AddReceivers(IServiceCollection services)
    {
        services.AddSingleton<CapacityGate>();
        services.AddSingleton<QuotaGate>();
        services.AddSingleton<BodyReader>();
        services.AddSingleton<EncoderPool>();
        services.AddSingleton<EventIngest>();
        services.AddSingleton<EventsReceiver>();
        services.AddSingleton<IIngestRules, NoIngestRules>();
        services.AddSingleton<OpaReceiver>();
        services.AddSingleton<OtlpIngest>();
        services.AddSingleton<OtlpHttpReceiver>();
        services.AddSingleton<GrpcMessageReader>();
        services.AddSingleton<OtlpGrpcReceiver>();
        services.AddSingleton<HecChannels>();
        services.AddSingleton<HecReceiver>();
    }
}
