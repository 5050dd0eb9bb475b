using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Muniment.Events;
using Muniment.Gateway.Access;
using Muniment.Gateway.Health;
using Muniment.Gateway.Hosting;
using Muniment.Journal;
using Muniment.Journal.Storage;
using Muniment.Silo;
using Muniment.Silo.Destinations;

namespace Muniment.Host.Tests;

/// <summary>The platform as the host composes it, in this process: real silo, real SQLite, real Kestrel on free ports, one key a role.</summary>
public sealed class RealHost : IAsyncLifetime
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "muniment-host-" + Guid.NewGuid().ToString("N"));
    private readonly Dictionary<Role, string> _keys = [];
    private JournalStore _store = null!;
    private WebApplication _app = null!;

    /// <summary>Client without a key.</summary>
    public HttpClient Http { get; private set; } = null!;

    /// <summary>The port of OTLP/gRPC.</summary>
    public Uri OtlpGrpc { get; private set; } = null!;

    /// <summary>Every route of the host.</summary>
    public IReadOnlyList<RouteEndpoint> Routes => [.. ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];

    internal JournalStore Store => _store;

    internal IServiceProvider Services => _app.Services;

    internal string Directory => _directory;

    public string Key(Role role) => _keys[role];

    public async Task InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Gateway:Http"] = "0", ["Gateway:OtlpGrpc"] = "0", ["Gateway:OtlpHttp"] = "0" });
        GatewayOptions gateway = builder.Configuration.GetSection(GatewayOptions.Section).Get<GatewayOptions>()!;
        var journal = new JournalOptions { DataDirectory = _directory };
        _store = await JournalStore.OpenAsync(journal, new NoFailure(), NullLoggerFactory.Instance);
        await MunimentSilo.MigrateAsync(_store, CancellationToken.None);
        Assert.True(DestinationOptions.TryRead(builder.Configuration, Path.Combine(_directory, "export"), out DestinationOptions? destinations, out _));
        _app = Composition.Build(builder, gateway, _store, journal, destinations);
        await _app.StartAsync();
        Addresses addresses = Addresses.Of(_app, gateway);
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(addresses.Http) };
        OtlpGrpc = new Uri(addresses.OtlpGrpc);
        _keys[Role.SuperAdmin] = (await FirstStart.EnsureAsync(_app.Services, new DataDirectory(_directory))).Admin!;
        var bootstrap = _app.Services.GetRequiredService<TenantBootstrap>();
        foreach (Role role in Enum.GetValues<Role>().Where(role => role is not Role.SuperAdmin))
        {
            _keys[role] = await bootstrap.IssueAsync(TenantId.Default, role, "test") ?? throw new InvalidOperationException("no key was made");
        }

        _app.Services.GetRequiredService<Readiness>().Started();
    }

    /// <summary>Sends a request with a key.</summary>
    public async Task<HttpResponseMessage> SendAsync(string method, string path, Role? role = Role.SuperAdmin, string? json = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = json is null ? null : new StringContent(json, System.Text.Encoding.UTF8, "application/json") };
        if (role is { } named)
        {
            request.Headers.TryAddWithoutValidation("x-api-key", _keys[named]);
        }

        return await Http.SendAsync(request);
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        await _store.DisposeAsync();
        System.IO.Directory.Delete(_directory, recursive: true);
    }

    private sealed class NoFailure : IJournalFailure
    {
        public void Fatal(string reason, Exception? exception) => throw new InvalidOperationException(reason, exception);
    }
}

/// <summary>One host for all tests; none of them needs another.</summary>
[CollectionDefinition(nameof(RealHost))]
public sealed class RealHostCollection : ICollectionFixture<RealHost>;
