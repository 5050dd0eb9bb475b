using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Local.Silos;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>One silo of a test cluster.</summary>
public class InProcessSiloHandle : IAsyncDisposable
{
    private readonly LocalSilo _silo;

    internal InProcessSiloHandle(string name, IHost host)
    {
        (Name, SiloHost) = (name, host);
        _silo = host.Services.GetRequiredService<LocalSilo>();
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its host.</summary>
    public IHost SiloHost { get; }

    /// <summary>Its services.</summary>
    public IServiceProvider ServiceProvider => SiloHost.Services;

    /// <summary>Its address.</summary>
    public SiloAddress SiloAddress => _silo.Address;

    /// <summary>True while it takes calls.</summary>
    public bool IsActive => _silo.Status == SiloStatus.Active;

    /// <summary>Stops it, properly or as a crash would.</summary>
    public async Task StopSiloAsync(bool stopGracefully)
    {
        if (!stopGracefully) _silo.Kill();
        await SiloHost.StopAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (SiloHost is IAsyncDisposable host) await host.DisposeAsync();
        else SiloHost.Dispose();
        GC.SuppressFinalize(this);
    }
}
