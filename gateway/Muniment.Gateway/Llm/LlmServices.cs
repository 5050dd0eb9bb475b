using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Muniment.Gateway.Access;
using Muniment.Gateway.Deciding.Prices;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Llm.Forwarding;
using Muniment.Gateway.Mcp;

namespace Muniment.Gateway.Llm;

/// <summary>Puts the proxy together.</summary>
public static class LlmServices
{
    /// <summary>Registers it. The host adds what <c>AddMunimentDeciding</c> wants, and an <c>EgressHttp</c>.</summary>
    public static IServiceCollection AddMunimentLlm(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHttpForwarder();
        services.AddOptions<LlmOptions>().Bind(configuration.GetSection(LlmOptions.Section))
            .Validate(o => o is { HeaderTimeoutMs: > 0, IdleTimeoutMs: > 0, MaxAnswerBytes: > 0, MaxConnectionsPerUpstream: > 0 }, "Llm: every setting is expected to be above 0").ValidateOnStart();
        services.AddOptions<PriceOptions>().Bind(configuration.GetSection(PriceOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PriceOptions>, PriceOptionsValidator>();
        services.AddSingleton<PriceTable>();
        services.AddSingleton<UpstreamClients>();
        services.AddSingleton<AnswerJudge>();
        services.AddSingleton<EventStreamWriter>();
        services.AddSingleton<ModelLists>();
        services.AddSingleton<AnswerWriter>();
        services.AddSingleton<CallForwarder>();
        services.AddSingleton<CallEntry>();
        services.AddSingleton<LlmProxy>();
        services.AddSingleton<McpProxy>();
        return services;
    }

    /// <summary>Maps <c>/llm/{upstream}/…</c> and <c>/mcp/{upstream}</c>. Clients of providers send what parameters they like, and all methods.</summary>
    public static IEndpointRouteBuilder MapLlm(this IEndpointRouteBuilder routes)
    {
        LlmProxy proxy = routes.ServiceProvider.GetRequiredService<LlmProxy>();
        routes.Map("/llm/{upstream}/{**path}", (RequestDelegate)proxy.HandleAsync).Requires(Permission.Decide).JudgesParameters().Speaks(Voice.Llm).ExcludeFromDescription();
        McpProxy mcp = routes.ServiceProvider.GetRequiredService<McpProxy>();
        routes.Map("/mcp/{upstream}", (RequestDelegate)mcp.HandleAsync).Requires(Permission.Decide).JudgesParameters().Speaks(Voice.Llm).ExcludeFromDescription();
        return routes;
    }
}
