using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Muniment.Conformance.Tests.Grains;

namespace Muniment.Conformance.Tests;

/// <summary>A silo in an ordinary host, as the product has it.</summary>
public sealed class HostTests
{
    [Fact]
    public async Task A_host_starts_its_silo_runs_startup_tasks_and_stops_it()
    {
        string key = Guid.NewGuid().ToString("N");
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), FreePort());
            silo.AddMemoryGrainStorageAsDefault();
            silo.AddStartupTask(async (services, cancellationToken) =>
            {
                await services.GetRequiredService<IGrainFactory>().GetGrain<ITurns>(key).Note("startup task");
            });
        });
        using IHost host = builder.Build();
        await host.StartAsync();
        IClusterClient client = host.Services.GetRequiredService<IClusterClient>();
        Assert.Equal(["startup task"], Script.Of(key).Events);
        await client.GetGrain<IIdle>(key).Life();
        await host.StopAsync();
        Assert.Equal(["startup task", "deactivated ShuttingDown"], Script.Of(key).Events);
    }

    [Fact]
    public async Task A_grain_does_not_answer_before_the_start()
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleans(silo => silo.UseLocalhostClustering(FreePort(), FreePort()));
        using IHost host = builder.Build();
        await Assert.ThrowsAnyAsync<Exception>(
            () => host.Services.GetRequiredService<IGrainFactory>().GetGrain<ITurns>("x").Note("too early").WaitAsync(TimeSpan.FromSeconds(2)));
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
