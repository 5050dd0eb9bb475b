using Muniment.Gateway.Deciding;
using Muniment.Gateway.Destinations;
using Muniment.Gateway.Health;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Llm;
using Muniment.Gateway.Query;
using Muniment.Journal;
using Muniment.Silo;
using Muniment.Silo.Destinations;

namespace Muniment.Host;

/// <summary>Silo and gateway over an open journal, with every route that the platform serves. Apart from <see cref="Platform"/>, so that tests look through the very routes that run.</summary>
internal static class Composition
{
    public static WebApplication Build(WebApplicationBuilder builder, GatewayOptions gateway, JournalStore store, JournalOptions journal, DestinationOptions destinations)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureMunimentListeners(gateway));
        builder.AddMunimentSilo(store, destinations);
        builder.Services.AddMunimentGateway(builder.Configuration);
        builder.Services.AddMunimentDeciding();
        builder.Services.AddMunimentLlm(builder.Configuration);
        builder.Services.AddMunimentQuery();
        builder.Services.AddMunimentHealth();
        WebApplication app = builder.Build();
        app.MapMunimentGateway();
        app.MapQuery();
        app.MapDestinations();
        app.MapDeciding();
        app.MapLlm();
        app.MapHealth();
        app.MapBackup(store, journal);
        return app;
    }
}
